"""Several strikes of one experiment have a lease each, may overlap, and share one blast radius."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from include.chaos import events as e
from include.chaos.agent.injector import Injector
from include.chaos.experiment import Experiment, Strike
from include.chaos.faults.kill import Kill
from include.chaos.journal import JournalWriter
from include.chaos.model import Component, LeaseState, RecoveredBy, StagePoint, StrikeOutcome, StrikePoint, Target
from include.errors import LeaseError
from tests.chaos.agent.world import World, bodies, quick, world_in
from tests.chaos.fakes import FakeClock, FakePlatform
from tests.waiting import await_

BOTH = ("kill_warehouse", "kill_object_store")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        made.platform.running.add("object_store")
        yield made


def _experiment(*strikes: Strike, max_targets: int = 2) -> Experiment:
    shipped = quick()
    components = frozenset({Component.WAREHOUSE, Component.OBJECT_STORE})
    radius = shipped.blast_radius.model_copy(update={"allowed_targets": components, "max_targets": max_targets})
    return shipped.model_copy(update={"strikes": strikes, "blast_radius": radius})


def _strike(name: str, component: Component, hold_seconds: float) -> Strike:
    return Strike(
        name=name,
        fault=Kill(),
        target=Target(component=component),
        strike_point=StrikePoint(stage="extract_instruments", at=StagePoint.START),
        hold_for=timedelta(seconds=hold_seconds),
    )


def _two(warehouse: float = 0.3, object_store: float = 0.3, max_targets: int = 2) -> Experiment:
    return _experiment(
        _strike(BOTH[0], Component.WAREHOUSE, warehouse),
        _strike(BOTH[1], Component.OBJECT_STORE, object_store),
        max_targets=max_targets,
    )


def test_all_are_armed_before_any_begins_each_with_a_lease_of_its_own(world: World) -> None:
    """Two leases stand, and nothing is touched yet."""
    run = world.open(_two())
    run.measure_baseline()
    leases = [run.arm(name) for name in BOTH]
    assert leases[0].lease_id != leases[1].lease_id
    assert [strike.lease for strike in run.status().strikes] == [LeaseState.ARMED] * 2
    assert world.platform.acts == []


def test_two_strikes_hold_at_the_same_time_and_each_is_undone_by_itself(world: World) -> None:
    """The short one ends while the long one holds on; neither's undo touches the other's target."""
    run = world.open(_two(warehouse=60, object_store=0.3))
    run.measure_baseline()
    for name in BOTH:
        run.arm(name)
    for name in BOTH:
        run.begin_strike(name)
    await_(lambda: run.status().strikes[1].ended is not None)
    assert run.status().strikes[0].lease is LeaseState.INJECTED
    assert world.platform.held == {"warehouse"}
    assert run.recover(BOTH[0])
    await_(lambda: run.status().all_strikes_ended)
    assert world.platform.held == set()
    assert {recovered.by for recovered in bodies(run, e.Recovered)} == {
        RecoveredBy.HOLD_ENDED,
        RecoveredBy.RECOVER_REQUESTED,
    }


def test_what_an_agent_that_died_in_two_strikes_left_is_all_undone(world: World) -> None:
    """Both are recovered, and both come to an end in the journal."""
    run = world.open(_two(warehouse=60, object_store=60))
    run.measure_baseline()
    for name in BOTH:
        run.arm(name)
        run.begin_strike(name)
    await_(lambda: [strike.lease for strike in run.status().strikes] == [LeaseState.INJECTED] * 2)
    journal = next((world.folder / "journals").glob("*.jsonl"))
    died_with = journal.read_bytes()
    run.stop()
    journal.write_bytes(died_with)
    world.platform.held, world.platform.running = {"warehouse", "object_store"}, set()
    assert world.new_agent().take_over() == []
    status = world.registry.get(run.experiment_run_id).status()
    assert world.platform.held == set()
    assert [strike.ended.outcome for strike in status.strikes if strike.ended] == [StrikeOutcome.BROKEN] * 2


def test_an_abort_ends_every_strike(world: World) -> None:
    """The one that holds is undone at once, and the one that waits strikes no more."""
    two = _two(warehouse=60)
    waiting = two.strikes[1].model_copy(
        update={"strike_point": two.strikes[1].strike_point.model_copy(update={"stage": "score_similarity"})}
    )
    overdue = {"strikes": (two.strikes[0], waiting), "abort_when": [{"after": "300ms"}]}
    run = world.open(Experiment.model_validate({**two.model_dump(), **overdue}))
    run.measure_baseline()
    for name in BOTH:
        run.arm(name)
    for name in BOTH:
        run.begin_strike(name)
    await_(lambda: run.status().all_strikes_ended)
    assert [strike.lease for strike in run.status().strikes] == [LeaseState.RECOVERED, LeaseState.REVOKED]
    assert [recovered.by for recovered in bodies(run, e.Recovered)] == [RecoveredBy.ABORTED]
    assert len(bodies(run, e.ExperimentAborted)) == 1
    assert "SIGKILL object_store" not in world.platform.acts


def test_the_blast_radius_is_that_of_all_strikes_together(world: World) -> None:
    """Two strikes on one target each reach two targets."""
    run = world.open(_two(max_targets=1))
    run.measure_baseline()
    run.arm(BOTH[0])
    with pytest.raises(LeaseError, match="select 2 instances"):
        run.arm(BOTH[1])


def test_two_strikes_of_one_kind_never_hold_the_same_instance(tmp_path: Path) -> None:
    """The first undo would end both, so the second injection is refused, and the first goes on."""
    clock, platform = FakeClock(), FakePlatform()
    first, second = (_strike(name, Component.WAREHOUSE, 10) for name in ("first", "second"))
    injector = Injector(
        experiment=_experiment(first, second),
        journal=JournalWriter(tmp_path / "run.jsonl", clock=clock),
        platform=platform,
        clock=clock,
    )
    leases = [injector.arm(strike) for strike in (first, second)]
    injector.inject(first, leases[0])
    with pytest.raises(LeaseError, match="held by strike first"):
        injector.inject(second, leases[1])
    assert (injector.state("first"), injector.state("second")) == (LeaseState.INJECTED, LeaseState.REVOKED)
    assert platform.held == {"warehouse"}
