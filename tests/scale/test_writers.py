"""The record of tries that the contract's statement gives tells two writers, and whether the fence held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from include.chaos.agent.writers import ContractWriters, read_writers
from include.chaos.consumer_events import WritersRead
from include.chaos.pipeline import load_pipeline
from include.errors import SupersededError
from include.scale.fenced_landing import FencedLanding
from include.scale.model import Manifest, Stage
from include.scale.warehouse import Warehouse
from tests.scale.conftest import Bucket, Freeze
from tests.scale.test_fenced_landing import SONGS, quarantined, songs, stage_all


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads the warehouse as the agent does."""

    warehouse: Warehouse

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        return self.warehouse.transact(lambda cursor: cursor.execute(query.encode(), parameters).fetchall())


@pytest.fixture
def manifest(bucket: Bucket, freeze: Freeze) -> Manifest:
    """A manifest of three objects in two partitions."""
    bucket.fill(SONGS)
    return freeze("run-1", min_instruments=1)


def written(landing: FencedLanding) -> WritersRead:
    """Read what the shipped contract says of the run's writers."""
    statement = load_pipeline("scale").writers
    assert statement is not None
    records = ContractWriters(
        statement=statement, dag_run_id="run-1", open_reader=lambda: Reader(warehouse=landing.warehouse)
    )
    return read_writers([records])


def test_a_run_whose_stages_were_tried_once_had_one_writer(landing: FencedLanding, manifest: Manifest) -> None:
    """Its tries are on record, the publishing one too."""
    stage_all(landing, manifest)
    landing.publish(manifest)
    read = written(landing)
    assert (read.overlaps, read.tries, read.unread) == ((), 3, ())


def test_an_older_try_that_lives_on_is_on_record_with_what_it_was_refused(
    landing: FencedLanding, manifest: Manifest
) -> None:
    """The fence held: the newer one alone has staged since."""
    older = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.stage_readings(older, songs(0, "a.mid", "b.mid"))
    newer = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    with pytest.raises(SupersededError):
        landing.stage_readings(older, quarantined(1, "c.mid"))
    landing.stage_readings(newer, quarantined(1, "c.mid"))
    (overlap,) = written(landing).overlaps
    assert (overlap.writer, overlap.older, overlap.newer) == ("extract_instruments", 1, 2)
    assert overlap.fence_held


def test_a_fence_that_did_not_hold_is_found_out(landing: FencedLanding, manifest: Manifest) -> None:
    """Planted: the older one's rows are in the ledger although the newer one had begun."""
    older = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.warehouse.transact(lambda cursor: cursor.execute("UPDATE scale.stage_fence SET fence = 1"))
    landing.stage_readings(older, songs(0, "a.mid", "b.mid"))
    (overlap,) = written(landing).overlaps
    assert overlap.fence_held is False


def test_a_statement_that_gives_something_else_is_said_and_not_taken_for_one_writer(
    landing: FencedLanding, manifest: Manifest
) -> None:
    """A contract that is wrong: it gives the manifest's objects."""
    other = load_pipeline("scale").manifest
    assert other is not None
    records = ContractWriters(
        statement=other,
        dag_run_id="run-1",
        open_reader=lambda: Reader(warehouse=landing.warehouse),
    )
    (unread,) = read_writers([records]).unread
    assert "the pipeline's own record" in unread
