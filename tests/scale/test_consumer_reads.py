"""What Scale's consumers see while it lands and publishes, read by the shipped contract."""

from collections.abc import Callable
from pathlib import Path

import pytest

from include.chaos.agent.reader import ConsumerReader
from include.chaos.consumer_events import ConsumerRead
from include.chaos.consumer_reads import ConsumerReads, read_consumer
from include.chaos.entries import bodies
from include.chaos.journal import JournalWriter, SystemClock
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.consumer_snapshots import ConsumerSnapshots
from include.scale.append_landing import AppendLanding
from include.scale.fenced_landing import FencedLanding
from include.scale.staging import Landing
from include.scale.warehouse import Warehouse
from tests.scale.conftest import Bucket, Freeze
from tests.scale.test_fenced_landing import SONGS, stage_all
from tests.waiting import await_


@pytest.fixture
def lands(bucket: Bucket, freeze: Freeze) -> Callable[..., None]:
    """Land a whole run."""
    bucket.fill(SONGS)

    def land(way: Landing, dag_run_id: str, **asked: object) -> None:
        manifest = freeze(dag_run_id, min_instruments=1, **asked)
        way.prepare(manifest)
        stage_all(way, manifest)
        way.publish(manifest)

    return land


def read_while(warehouse: Warehouse, folder: Path, act: Callable[[], None]) -> ConsumerReads:
    journal = JournalWriter(folder / "run.jsonl", clock=SystemClock())
    pipeline = load_pipeline("scale")
    source = ConsumerSnapshots(warehouse.settings, pipeline)
    reader = ConsumerReader(pipeline=pipeline, source=source, record=journal.append, clock=SystemClock())
    reader.start()
    try:
        await_(lambda: bool(bodies(journal.entries, ConsumerRead)), "a first read")
        act()
        reader.settle()
    finally:
        reader.stop()
        journal.close()
    reads = read_consumer(journal.entries, "run-2")
    assert reads is not None
    return reads


@pytest.mark.parametrize("materialize", ["sets", "pairs"])
def test_a_fenced_run_shows_one_publication_and_then_the_other(
    landing: FencedLanding, lands: Callable[..., None], tmp_path: Path, materialize: str
) -> None:
    """Nothing of what it stages is in sight before."""
    lands(landing, "run-1")
    reads = read_while(landing.warehouse, tmp_path, lambda: lands(landing, "run-2", materialize=materialize))
    assert (reads.broken, reads.sights) == ((), 2)


def test_a_run_that_appends_shows_what_is_no_publication(
    landing: FencedLanding, lands: Callable[..., None], tmp_path: Path
) -> None:
    """Its rows come into sight one by one; this is what the known-bad way is kept for."""
    lands(landing, "run-1")
    appending = AppendLanding.without_patience(landing.warehouse)
    reads = read_while(landing.warehouse, tmp_path, lambda: lands(appending, "run-2", landing="append"))
    assert "nothing was published any more, after run-1" in [broken.what for broken in reads.broken]
