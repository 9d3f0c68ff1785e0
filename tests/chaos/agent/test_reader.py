"""The reader in an experiment run over fakes: it reads from the opening to the close, and tells what has changed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from include.chaos.agent.reader import ConsumerReader, ReaderEvent
from include.chaos.agent.sights import MOST_SIGHTS
from include.chaos.consumer_events import ConsumerRead, ReaderBlind, ReaderCounted, ReaderSees, ReaderStarted
from include.chaos.events import RowsVerified
from include.chaos.journal import SystemClock
from include.chaos.model import VerdictValue
from include.chaos.pipeline import load_pipeline
from tests.chaos import journals
from tests.chaos.agent.world import RUN_ID, World, bodies, land, struck, world_in
from tests.chaos.fakes import FakeClock, FakeConsumers
from tests.waiting import await_


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        yield made


def test_it_reads_from_the_opening_to_the_close_and_lets_every_snapshot_go(world: World) -> None:
    """What the shipped contract lists is read, and what is quarantined."""
    world.consumers.show("manual__1", {})
    run = world.open()
    await_(lambda: bool(bodies(run, ConsumerRead)))
    world.registry.stop()
    (started,) = bodies(run, ReaderStarted)
    assert started.relations == ("filename_instrument", "filepair_similarity_score", "quarantined_file")
    assert started.promises_publication
    assert world.consumers.held == []


def test_only_what_changes_is_told(world: World) -> None:
    """Commits that show nothing new leave no entry."""
    world.consumers.show("manual__1", {})
    run = world.open()
    await_(lambda: len(bodies(run, ConsumerRead)) == 1)
    world.consumers.show("manual__1", {})
    world.consumers.show("manual__1", {"quarantined_file": "other"})
    await_(lambda: len(bodies(run, ConsumerRead)) == 2)
    assert [sight.relations[2].digest for sight in bodies(run, ConsumerRead)] == ["", "other"]


def test_what_is_there_when_the_rows_were_verified_is_read_before_that_is_noted(world: World) -> None:
    """So the judge knows what the right rows read like."""
    world.consumers.show("manual__1", {})
    run = world.open()
    await_(lambda: bool(bodies(run, ConsumerRead)))
    world.consumers.publication, world.consumers.digests = None, {"quarantined_file": "late"}
    run.note(journals.rows())
    kinds = [type(entry.body) for entry in run.entries_since(0)]
    assert kinds[-3:] == [ConsumerRead, ReaderCounted, RowsVerified]


def test_blindness_is_told_once_and_its_end(world: World) -> None:
    """However often it is looked."""
    world.consumers.down = True
    run = world.open()
    await_(lambda: bool(bodies(run, ReaderBlind)))
    world.consumers.down = False
    world.consumers.show("manual__1", {})
    await_(lambda: bool(bodies(run, ConsumerRead)))
    assert (len(bodies(run, ReaderBlind)), len(bodies(run, ReaderSees))) == (1, 1)


def test_a_database_that_hangs_is_blindness_told_when_it_answers() -> None:
    """Consumers have waited for it all the time."""
    clock = FakeClock()
    seen: list[ReaderEvent] = []

    class Hanging(FakeConsumers):
        def await_news(self, *, any_commit: bool) -> bool:
            clock.advance(12)
            return super().await_news(any_commit=any_commit)

    reader = ConsumerReader(pipeline=load_pipeline("scale"), source=Hanging(), record=seen.append, clock=clock)
    reader.start()
    await_(lambda: any(isinstance(event, ConsumerRead) for event in seen))
    reader.stop()
    assert ReaderBlind(error="no answer for 12.0 s") in seen
    assert [event.blind_for for event in seen if isinstance(event, ReaderSees)] == [timedelta(seconds=12)]


def test_what_consumers_should_not_have_seen_fails_a_run_in_which_all_else_is_well(world: World) -> None:
    """A mixture that was there for a moment, while every row landed."""
    world.consumers.show("manual__1", {"filename_instrument": "old"})
    run = world.open()
    await_(lambda: len(bodies(run, ConsumerRead)) == 1)
    struck(world, run)
    await_(lambda: run.status().all_strikes_ended)
    world.consumers.show("manual__1", {"filename_instrument": "new"})
    await_(lambda: len(bodies(run, ConsumerRead)) == 2)
    world.consumers.show(f"chaos__{RUN_ID}", {"filename_instrument": "new"})
    await_(lambda: len(bodies(run, ConsumerRead)) == 3)
    verdict = land(world, run)
    assert verdict.value is VerdictValue.FAILED
    assert "filename_instrument was that of chaos__warehouse_killed__manual" in verdict.reasons[0]


def test_what_changes_too_often_is_counted_and_the_last_of_it_told() -> None:
    """Rows that are appended one by one, in sight of everybody."""
    consumers = FakeConsumers()
    seen: list[ReaderEvent] = []
    pipeline = load_pipeline("scale")
    reader = ConsumerReader(pipeline=pipeline, source=consumers, record=seen.append, clock=SystemClock())
    reader.start()
    for number in range(MOST_SIGHTS + 5):
        consumers.digests = {"quarantined_file": str(number)}
        reader.settle()
    reader.stop()
    told = [event for event in seen if isinstance(event, ConsumerRead)]
    assert told[-1].relations[2].digest == str(MOST_SIGHTS + 4)
    assert sum(1 + sight.untold for sight in told) == MOST_SIGHTS + 5
