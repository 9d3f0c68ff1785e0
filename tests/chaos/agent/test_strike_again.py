"""A fault that strikes again follows whoever comes in place of what it struck, and nobody else, until it is undone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from include.chaos import events as e
from include.chaos.agent.injector import Injector
from include.chaos.experiment import Experiment, Strike
from include.chaos.faults.crash_loop import CrashLoop
from include.chaos.faults.kill import Kill
from include.chaos.journal import JournalWriter
from include.chaos.model import Component, RecoveredBy, StagePoint, StrikePoint, Target, TargetInstance, TargetMode
from include.errors import GuardrailError
from tests.chaos.agent.world import World, bodies, quick, struck, world_in
from tests.chaos.fakes import FakeClock, FakePlatform
from tests.waiting import await_


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        yield made


def _crash_loop(component: Component, mode: TargetMode = TargetMode.ALL) -> Strike:
    return Strike(
        name="kill_warehouse",
        fault=CrashLoop(),
        target=Target(component=component, mode=mode),
        strike_point=StrikePoint(stage="extract_instruments", at=StagePoint.START),
        hold_for=timedelta(seconds=60),
    )


def _experiment(strike: Strike) -> Experiment:
    shipped = quick()
    targets = frozenset({strike.target.component})
    radius = shipped.blast_radius.model_copy(update={"allowed_targets": targets, "max_targets": 2})
    return shipped.model_copy(update={"strikes": (strike,), "blast_radius": radius})


def _executor(pid: int) -> TargetInstance:
    return TargetInstance(
        name=f"spark_executor_{pid}", component=Component.SPARK_EXECUTOR, pid=pid, started_at=float(pid)
    )


class Loop:
    """An injector in a crash loop of executors, and what there is of these."""

    def __init__(self, folder: Path, *executors: int, mode: TargetMode = TargetMode.ALL) -> None:
        self.strike = _crash_loop(Component.SPARK_EXECUTOR, mode)
        self.platform = FakePlatform()
        self.forbidden = False
        clock = FakeClock()
        self.journal = JournalWriter(folder / "run.jsonl", clock=clock)
        self.injector = Injector(
            experiment=_experiment(self.strike),
            journal=self.journal,
            platform=self.platform,
            clock=clock,
            permit=self._permit,
            seed="seed",
        )
        self.injector.inject(self.strike, self.injector.arm(self.strike), self.there(*executors))

    def there(self, *pids: int) -> tuple[TargetInstance, ...]:
        self.platform.running = {_executor(pid).name for pid in pids}
        return tuple(_executor(pid) for pid in pids)

    def look(self, *pids: int) -> None:
        self.injector.strike_again(self.strike, self.there(*pids))

    @property
    def struck(self) -> list[int | None]:
        kinds = (e.Injected, e.StruckAgain)
        return [entry.body.instance.pid for entry in self.journal.entries if isinstance(entry.body, kinds)]

    def _permit(self) -> None:
        if self.forbidden:
            raise GuardrailError("halted")


def test_a_standing_component_is_struck_each_time_it_comes_back(world: World) -> None:
    """Each new process is killed and is in the journal; after the undo the next one lives."""
    run = world.open(_experiment(_crash_loop(Component.WAREHOUSE)))
    struck(world, run)
    for life in range(1, 4):
        await_(lambda: "warehouse" not in world.platform.running, "the kill")
        world.platform.come_back("warehouse")
        await_(lambda life=life: len(bodies(run, e.StruckAgain)) == life, "the next kill")  # type: ignore[misc]  # bound
    assert [again.instance.started_at for again in bodies(run, e.StruckAgain)] == [2.0, 3.0, 4.0]
    assert run.recover("kill_warehouse")
    await_(lambda: run.status().all_strikes_ended)
    assert "warehouse" in world.platform.running


def test_an_agent_that_dies_in_the_loop_leaves_nothing_that_kills(world: World) -> None:
    """The loop is the agent's own thread; the successor undoes the injection and strikes no more."""
    run = world.open(_experiment(_crash_loop(Component.WAREHOUSE)))
    struck(world, run)
    await_(lambda: "warehouse" not in world.platform.running, "the kill")
    journal = next((world.folder / "journals").glob("*.jsonl"))
    died_with = journal.read_bytes()
    run.stop()
    journal.write_bytes(died_with)
    assert world.new_agent().take_over() == []
    acts = list(world.platform.acts)
    world.platform.come_back("warehouse")
    await_(lambda: world.registry.get(run.experiment_run_id).status().all_strikes_ended)
    assert world.platform.acts == acts


def test_a_newcomer_takes_the_place_of_one_that_is_gone(tmp_path: Path) -> None:
    """Whoever was there already is left alone, and a second newcomer while the first one's place is not free."""
    loop = Loop(tmp_path, 1, 2, mode=TargetMode.ONE)
    (first,) = loop.struck
    (other,) = {1, 2} - {first}
    assert isinstance(other, int)
    loop.look(other)
    assert loop.struck == [first]
    loop.look(other, 3, 4)
    assert loop.struck == [first, 3]
    loop.look(other, 3, 4)  # 3 is still ending
    assert loop.struck == [first, 3]
    loop.look(other, 4)
    assert loop.struck == [first, 3, 4]


def test_two_that_were_struck_have_two_successors(tmp_path: Path) -> None:
    """No newcomer is struck twice, and none is left out."""
    loop = Loop(tmp_path, 1, 2)
    loop.look(3, 4)
    assert sorted(pid or 0 for pid in loop.struck) == [1, 2, 3, 4]


def test_what_is_undone_strikes_no_more(tmp_path: Path) -> None:
    """The undo ends the loop, whoever still looks."""
    loop = Loop(tmp_path, 1)
    assert loop.injector.recover(loop.strike.name, RecoveredBy.LEASE_EXPIRED)
    loop.look(3)
    assert loop.struck == [1]


def test_what_is_forbidden_strikes_no_more(tmp_path: Path) -> None:
    """A halt, or a flag, holds for every kill of the loop."""
    loop = Loop(tmp_path, 1)
    loop.forbidden = True
    loop.look(3)
    assert loop.struck == [1]


def test_what_cannot_be_struck_is_tried_again(tmp_path: Path) -> None:
    """A kill that fails is none, and the next look brings another try."""
    loop = Loop(tmp_path, 1)
    loop.platform.refuses_signal = True
    loop.look(3)
    assert loop.struck == [1]
    loop.platform.refuses_signal = False
    loop.look(3)
    assert loop.struck == [1, 3]


def test_other_faults_strike_once() -> None:
    """Striking again is what a kind says of itself."""
    assert CrashLoop.strikes_again
    assert not Kill.strikes_again
