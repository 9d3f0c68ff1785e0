"""A crash loop of a real server under a real supervisor, through the injector."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from include.chaos.agent.injector import Injector
from include.chaos.events import Injected, StruckAgain
from include.chaos.experiment import Experiment, Strike, load_experiment
from include.chaos.faults.crash_loop import CrashLoop
from include.chaos.journal import JournalWriter, SystemClock
from include.chaos.model import BlastRadius, Component, RecoveredBy, StagePoint, StrikePoint, Target
from include.chaos.platforms.local import LocalPlatform
from include.lab.lab import Lab
from tests.waiting import await_

TARGET = Target(component=Component.OBJECT_STORE)
KILLS = 3


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab.open(tmp_path / "lab", names=frozenset({"object_store"}))
    try:
        lab.up()
        yield lab
    finally:
        lab.down(purge=True)


def _experiment() -> Experiment:
    strike = Strike(
        name="loop",
        fault=CrashLoop(),
        target=TARGET,
        strike_point=StrikePoint(stage="extract_instruments", at=StagePoint.START),
        hold_for=timedelta(seconds=30),
    )
    shipped = load_experiment("null")
    radius = BlastRadius(
        max_targets=1, max_duration=timedelta(seconds=60), allowed_targets=frozenset({Component.OBJECT_STORE})
    )
    return shipped.model_copy(update={"strikes": (strike,), "blast_radius": radius})


def test_each_process_that_the_supervisor_starts_is_killed_until_the_undo(lab: Lab, tmp_path: Path) -> None:
    """Three processes die one after the other, each another one, and the one after the undo lives."""
    platform, experiment = LocalPlatform(lab.plan().site()), _experiment()
    journal = JournalWriter(tmp_path / "run.jsonl", clock=SystemClock())
    injector = Injector(experiment=experiment, journal=journal, platform=platform, clock=SystemClock())
    (strike,) = experiment.strikes

    def killed() -> list[int | None]:
        return [e.body.instance.pid for e in journal.entries if isinstance(e.body, Injected | StruckAgain)]

    def kill_on() -> bool:
        injector.strike_again(strike, ())
        return len(killed()) >= KILLS

    injector.inject(strike, injector.arm(strike))
    await_(kill_on, "the kills")
    assert len(set(killed())) == KILLS
    assert injector.recover(strike.name, RecoveredBy.HOLD_ENDED)
    injector.strike_again(strike, ())
    (survivor,) = platform.resolve(TARGET)
    assert platform.is_running(survivor)
    assert survivor.pid not in killed()
