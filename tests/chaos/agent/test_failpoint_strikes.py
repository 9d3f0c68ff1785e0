"""A strike at a failpoint waits for a process, strikes while it waits, and lets it go on whatever happens."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from include.chaos import events as e
from include.chaos.agent.experiment_run import ExperimentRun
from include.chaos.agent.registry import Registry
from include.chaos.agent.services import Services
from include.chaos.experiment import Experiment
from include.chaos.journal import SystemClock
from include.chaos.model import Component, StrikeOutcome, TargetInstance
from include.chaos.platforms.failpoint_board import FailpointBoard
from include.failpoints import HOME_VARIABLE, reach
from tests.chaos.agent.world import PLACE, STRIKE, World, at_failpoint, bodies, on_executors
from tests.waiting import await_


class Stoppable(World):
    """A world whose pipeline can be stopped at failpoints."""

    def new_agent(self) -> Registry:
        self.board = FailpointBoard(self.folder / "failpoints")
        services = Services(
            platform=self.platform,
            airflow=self.airflow,
            open_warehouse=lambda _name, _purpose: self.warehouse,
            clock=SystemClock(),
            failpoints=self.board,
        )
        self.registry = Registry(journals=self.folder / "journals", services=services)
        return self.registry

    @property
    def order_stands(self) -> bool:
        return PLACE.folder(self.folder / "failpoints").exists()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stoppable]:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "failpoints"))
    world = Stoppable(tmp_path)
    yield world
    world.registry.stop()


def begun(world: World, experiment: Experiment) -> ExperimentRun:
    run = world.open(experiment)
    run.measure_baseline()
    run.arm(STRIKE)
    run.start_pipeline({})
    run.begin_strike(STRIKE)
    return run


def arriving() -> threading.Thread:
    """A process of the pipeline that comes to the place."""
    process = threading.Thread(target=lambda: reach(PLACE))
    process.start()
    return process


def test_the_fault_strikes_while_the_process_waits_and_then_it_goes_on(world: Stoppable) -> None:
    """The process is let go only when the injection is confirmed."""
    waited: list[bool] = []
    run = begun(world, at_failpoint())
    await_(lambda: world.order_stands, "the failpoint to be armed")
    world.platform.on_signal = lambda: waited.append(process.is_alive())
    process = arriving()
    await_(lambda: run.status().all_strikes_ended, "the strike to end")
    process.join(20)
    assert waited == [True]
    assert not process.is_alive()
    assert not world.order_stands
    [reached] = bodies(run, e.StrikePointReached)
    assert reached.waiting is not None
    [armed] = bodies(run, e.FailpointArmed)
    assert (armed.stage, armed.failpoint) == (PLACE.stage, PLACE.name)


def test_nobody_is_struck_while_nobody_has_come(world: Stoppable) -> None:
    """A stage that ends without passing the place is a strike missed, and the order is taken back."""
    run = begun(world, at_failpoint())
    await_(lambda: world.order_stands, "the failpoint to be armed")
    world.stage_is("success")
    await_(lambda: run.status().all_strikes_ended, "the strike to end")
    [ended] = bodies(run, e.StrikeEnded)
    assert ended.outcome is StrikeOutcome.MISSED
    assert world.platform.acts == []
    assert not world.order_stands


def test_a_halt_lets_the_process_go_on(world: Stoppable) -> None:
    """Also between the strike point and the strike."""
    run = begun(world, at_failpoint(after=300))
    await_(lambda: world.order_stands, "the failpoint to be armed")
    process = arriving()
    await_(lambda: bool(bodies(run, e.StrikePointReached)), "the strike point")
    run.halt("enough")
    process.join(20)
    assert not process.is_alive()
    await_(lambda: not world.order_stands, "the order to be taken back")


def test_an_order_of_an_agent_that_died_is_taken_back_by_its_successor(world: Stoppable) -> None:
    """Its journal says which failpoints its strikes had."""
    world.board.arm(PLACE, timedelta(minutes=5))
    world.open(at_failpoint())
    dead, world.registry = (
        world.registry,
        Registry(journals=world.folder / "journals", services=world.registry._services),
    )
    world.registry.take_over()
    assert not world.order_stands
    dead.stop()


def test_without_failpoints_on_the_site_the_strike_is_refused(tmp_path: Path) -> None:
    """Waiting for what can never come would only look like patience."""
    world = World(tmp_path)
    run = begun(world, at_failpoint())
    [ended] = bodies(run, e.StrikeEnded)
    world.registry.stop()
    assert ended.outcome is StrikeOutcome.REFUSED
    assert "CHAOS_FAILPOINTS_HOME" in (ended.reason or "")


def spawned(number: int) -> TargetInstance:
    return TargetInstance(name=f"spark_executor_{number}", component=Component.SPARK_EXECUTOR, pid=number)


@pytest.mark.parametrize(("radius", "outcome"), [(2, StrikeOutcome.STRUCK), (1, StrikeOutcome.REFUSED)])
def test_what_the_pipeline_spawns_is_found_when_the_moment_has_come(
    world: Stoppable, radius: int, outcome: StrikeOutcome
) -> None:
    """The lease names nothing before; then the blast radius holds as for any target."""
    run = world.open(on_executors(radius))
    run.measure_baseline()
    assert run.arm(STRIKE).instances == ()
    run.start_pipeline({})
    world.platform.spawned = (spawned(1), spawned(2))
    world.platform.running |= {"spark_executor_1", "spark_executor_2"}
    run.begin_strike(STRIKE)
    world.warehouse.staged = (6, 10)
    await_(lambda: run.status().all_strikes_ended, "the strike to end")
    [ended] = bodies(run, e.StrikeEnded)
    assert ended.outcome is outcome, ended.reason
    struck = outcome is StrikeOutcome.STRUCK
    assert ("SIGKILL spark_executor_2" in world.platform.acts) is struck
    assert bool(bodies(run, e.TargetsFound)) is struck


def test_a_component_of_which_nothing_was_spawned_is_a_strike_refused(world: Stoppable) -> None:
    """Zero targets struck is no strike."""
    run = world.open(on_executors(2))
    run.measure_baseline()
    run.arm(STRIKE)
    run.start_pipeline({})
    run.begin_strike(STRIKE)
    world.warehouse.staged = (6, 10)
    await_(lambda: run.status().all_strikes_ended, "the strike to end")
    [ended] = bodies(run, e.StrikeEnded)
    assert ended.outcome is StrikeOutcome.REFUSED
