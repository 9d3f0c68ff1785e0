"""Claims about the fence, the ledger and publishing, on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from psycopg import sql

from include.errors import LandingError, SupersededError
from include.scale.append_landing import AppendLanding
from include.scale.fenced_landing import FencedLanding
from include.scale.model import InstrumentRow, LandingMode, Manifest, QuarantineRow, Relation, SimilarPair, Stage
from include.scale.publication import verify_publication
from include.scale.staging import StagedPartition
from include.scale.warehouse import Warehouse
from tests.scale.conftest import Bucket, Freeze
from tests.scale.servers import PostgresServer

SONGS = {"a.mid": b"1", "b.mid": b"2", "c.mid": b"3"}


@pytest.fixture
def manifest(bucket: Bucket, freeze: Freeze) -> Manifest:
    """A manifest of three objects in two partitions."""
    bucket.fill(SONGS)
    return freeze("run-1")


def songs(partition_id: int, *names: str) -> StagedPartition:
    """Two instruments for each song."""
    rows = [InstrumentRow(name, program) for name in names for program in (0, 33)]
    return StagedPartition(partition_id=partition_id, objects=len(names), rows={Relation.FILENAME_INSTRUMENT: rows})


def quarantined(partition_id: int, name: str) -> StagedPartition:
    """A file that is not a song."""
    rows = {Relation.QUARANTINED_FILE: [QuarantineRow(name, "not a song")]}
    return StagedPartition(partition_id=partition_id, objects=1, rows=rows)


def pair() -> StagedPartition:
    """The only pair."""
    rows = {Relation.FILEPAIR_SIMILARITY_SCORE: [SimilarPair("a.mid", "b.mid", 1.0)]}
    return StagedPartition(partition_id=0, objects=1, rows=rows)


def stage_all(landing: FencedLanding, manifest: Manifest) -> None:
    """Stage what a whole run stages."""
    extract = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.stage(extract, songs(0, "a.mid", "b.mid"))
    landing.stage(extract, quarantined(1, "c.mid"))
    score = landing.begin(manifest, Stage.SCORE_SIMILARITY, 1)
    landing.stage(score, pair())


def count(warehouse: Warehouse, relation: str) -> int:
    """Count rows of a relation."""
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*relation.split(".")))
    [(rows,)] = warehouse.transact(lambda cursor: cursor.execute(query).fetchall())
    return int(rows)


def test_a_superseded_try_cannot_stage_and_is_told_so(landing: FencedLanding, manifest: Manifest) -> None:
    """After a newer try has begun, the older one's rows are refused, and the message names both."""
    older = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    with pytest.raises(SupersededError, match="try 1 lost the fence, try 2 holds it"):
        landing.stage(older, songs(0, "a.mid", "b.mid"))
    assert count(landing.warehouse, "scale.staged_instrument") == 0


def test_a_partition_is_staged_once_whoever_retries(landing: FencedLanding, manifest: Manifest) -> None:
    """A second try of a task, and a second try of the stage, find the partition in the ledger."""
    first = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    assert landing.stage(first, songs(0, "a.mid", "b.mid"))
    assert not landing.stage(first, songs(0, "a.mid", "b.mid"))
    second = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    assert second.pending == (1,)
    assert not landing.stage(second, songs(0, "a.mid", "b.mid"))
    assert count(landing.warehouse, "scale.staged_instrument") == 4


def test_tasks_at_the_same_time_stage_a_partition_once(landing: FencedLanding, manifest: Manifest) -> None:
    """Of eight speculative tasks of one partition, exactly one lands its rows."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    with ThreadPoolExecutor(8) as pool:
        landed = list(pool.map(lambda _: landing.stage(attempt, songs(0, "a.mid", "b.mid")), range(8)))
    assert sorted(landed) == [False] * 7 + [True]
    assert count(landing.warehouse, "scale.staged_instrument") == 4


def test_a_plan_stays_that_of_the_first_try(landing: FencedLanding, manifest: Manifest) -> None:
    """A later try with other settings works on the partitions that the first one cut."""
    landing.begin(manifest, Stage.SCORE_SIMILARITY, 3)
    assert landing.begin(manifest, Stage.SCORE_SIMILARITY, 7).partitions == 3


def test_completing_names_what_is_missing(landing: FencedLanding, manifest: Manifest) -> None:
    """A try that ends with a partition not staged fails."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.stage(attempt, songs(0, "a.mid", "b.mid"))
    with pytest.raises(LandingError, match="1 of 2 partitions are not staged"):
        landing.complete(attempt)


def test_scoring_refuses_half_an_extraction(landing: FencedLanding, manifest: Manifest) -> None:
    """Instruments are not handed out before all objects are staged."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.stage(attempt, songs(0, "a.mid", "b.mid"))
    with pytest.raises(LandingError, match="1 of 3 objects"):
        landing.instruments(manifest)


def test_publishing_shows_everything_and_leaves_no_debris(landing: FencedLanding, manifest: Manifest) -> None:
    """All three relations change, the stamp says whose they are, staging is empty."""
    stage_all(landing, manifest)
    landing.publish(manifest)
    publication = verify_publication(landing.warehouse, manifest.manifest_id)
    assert (publication.instrument_rows, publication.quarantine_rows, publication.pair_rows) == (4, 1, 1)
    assert publication.dag_run_id == "run-1"
    for table in ("instrument", "quarantine", "pair"):
        assert count(landing.warehouse, f"scale.staged_{table}") == 0


def test_publishing_again_changes_nothing(landing: FencedLanding, manifest: Manifest) -> None:
    """A second publish of the same manifest, and clearing all its tasks, leave the first publication."""
    stage_all(landing, manifest)
    landing.publish(manifest)
    before = verify_publication(landing.warehouse, manifest.manifest_id)
    for stage in (Stage.EXTRACT_INSTRUMENTS, Stage.SCORE_SIMILARITY):
        attempt = landing.begin(manifest, stage, manifest.partitions)
        assert attempt.pending == ()
        landing.complete(attempt)
    landing.publish(manifest)
    assert verify_publication(landing.warehouse, manifest.manifest_id) == before


def test_an_incomplete_manifest_is_not_published(landing: FencedLanding, manifest: Manifest) -> None:
    """With a partition missing, publishing fails with the figures and consumers see the old rows."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.stage(attempt, songs(0, "a.mid", "b.mid"))
    with pytest.raises(LandingError, match="objects=3 but objects_staged=2"):
        landing.publish(manifest)
    assert count(landing.warehouse, "filename_instrument") == 0


def test_rows_lost_from_staging_are_noticed(landing: FencedLanding, manifest: Manifest) -> None:
    """A ledger that promises more rows than are staged stops the publication."""
    stage_all(landing, manifest)
    landing.warehouse.transact(lambda cursor: cursor.execute("DELETE FROM scale.staged_pair"))
    with pytest.raises(LandingError, match="pair_rows=1 but pair_rows_staged=0"):
        landing.publish(manifest)


def test_an_older_manifest_never_replaces_a_newer_one(
    landing: FencedLanding, manifest: Manifest, freeze: Freeze
) -> None:
    """A late run is refused whole, and its staging is swept by the newer publication."""
    stage_all(landing, manifest)
    newer = freeze("run-2")
    stage_all(landing, newer)
    landing.publish(newer)
    with pytest.raises(LandingError, match="older than the published manifest"):
        landing.publish(manifest)
    assert count(landing.warehouse, "scale.staged_instrument") == 0
    assert verify_publication(landing.warehouse, newer.manifest_id).dag_run_id == "run-2"


def test_a_writer_that_outlives_the_publication_leaves_nothing(
    landing: FencedLanding, manifest: Manifest, freeze: Freeze
) -> None:
    """Tries of the published manifest and of an older one are both superseded by publishing."""
    older = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    newer = freeze("run-2")
    stage_all(landing, newer)
    same = landing.begin(newer, Stage.EXTRACT_INSTRUMENTS, newer.partitions)
    landing.publish(newer)
    for attempt in (older, same):
        with pytest.raises(SupersededError):
            landing.stage(attempt, songs(0, "a.mid", "b.mid"))
    assert count(landing.warehouse, "scale.staged_instrument") == 0


def test_a_reader_sees_the_old_publication_or_the_new_one(
    landing: FencedLanding, manifest: Manifest, freeze: Freeze, postgres: PostgresServer
) -> None:
    """A snapshot taken before a publication shows the old rows of every relation after it."""
    stage_all(landing, manifest)
    landing.publish(manifest)
    newer = freeze("run-2")
    stage_all(landing, newer)
    with postgres.connect(landing.warehouse.settings.dbname) as reader, reader.transaction():
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        before = reader.execute("SELECT manifest_id FROM scale.publication").fetchone()
        landing.publish(newer)
        assert reader.execute("SELECT manifest_id FROM scale.publication").fetchone() == before
        assert reader.execute("SELECT count(*) FROM filename_instrument").fetchone() == (4,)
        assert reader.execute("SELECT count(*) FROM filepair_similarity_score").fetchone() == (1,)


def test_staging_waits_for_a_crashed_warehouse(
    landing: FencedLanding, manifest: Manifest, postgres: PostgresServer
) -> None:
    """A task that meets a killed PostgreSQL lands its rows once it is back, and once only."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    postgres.kill()
    with ThreadPoolExecutor(1) as pool:
        staged = pool.submit(landing.stage, attempt, songs(0, "a.mid", "b.mid"))
        postgres.start()
        assert staged.result(timeout=30)
    assert count(landing.warehouse, "scale.staged_instrument") == 4


def test_appending_duplicates_what_a_first_try_committed(warehouse: Warehouse, manifest: Manifest) -> None:
    """The known-bad landing: a job that runs again appends its rows again, and publishes them."""
    manifest = replace(manifest, landing=LandingMode.APPEND)
    landing = AppendLanding.without_patience(warehouse)
    landing.prepare()
    for _ in range(2):
        attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
        landing.stage(attempt, songs(0, "a.mid", "b.mid"))
    landing.publish(manifest)
    assert count(warehouse, "filename_instrument") == 8
