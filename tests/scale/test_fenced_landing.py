"""Claims about the fence, the ledger and publishing, on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import pytest
from psycopg import sql

from include.errors import LandingError, SupersededError
from include.scale.append_landing import AppendLanding
from include.scale.fenced_landing import FencedLanding
from include.scale.model import LandingMode, Manifest, Materialize, Reading, Rejection, SimilarityMethod, Song, Stage
from include.scale.publication import verify_publication
from include.scale.scoring import ScorePartition, plan_join, scored_sets
from include.scale.staging import Landing, ReadPartition
from include.scale.warehouse import Warehouse
from tests.scale.conftest import Bucket, Freeze
from tests.scale.servers import PostgresServer

SONGS = {"a.mid": b"1", "b.mid": b"2", "c.mid": b"3"}


@pytest.fixture
def manifest(bucket: Bucket, freeze: Freeze) -> Manifest:
    """A manifest of three objects in two partitions."""
    bucket.fill(SONGS)
    return freeze("run-1", min_instruments=1)


def songs(partition_id: int, *names: str) -> ReadPartition:
    """Two instruments for each song."""
    readings = [Reading(key=name, etag=f"etag of {name}", outcome=Song(programs=(0, 33))) for name in names]
    return ReadPartition(partition_id=partition_id, readings=tuple(readings))


def quarantined(partition_id: int, name: str) -> ReadPartition:
    """A file that is not a song."""
    reading = Reading(key=name, etag=f"etag of {name}", outcome=Rejection(reason="not a song"))
    return ReadPartition(partition_id=partition_id, readings=(reading,))


def score(landing: Landing, manifest: Manifest) -> None:
    """Stage the neighbours of every set, of sets with one program too."""
    sets = landing.song_sets(manifest)
    scored = scored_sets(sets, 1)
    attempt = landing.begin(manifest, Stage.SCORE_SIMILARITY, 1)
    landing.plan_sets(attempt, sets)
    join = plan_join(scored, Fraction(1, 2), SimilarityMethod.EXACT)
    ScorePartition(attempt=attempt, landing=landing, sets=scored, join=join, check_recall=False)(0)


def stage_all(landing: Landing, manifest: Manifest) -> None:
    """Stage what a whole run stages."""
    extract = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.stage_readings(extract, songs(0, "a.mid", "b.mid"))
    landing.stage_readings(extract, quarantined(1, "c.mid"))
    score(landing, manifest)


def count(warehouse: Warehouse, relation: str) -> int:
    """Count rows of a relation."""
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*relation.split(".")))
    [(rows,)] = warehouse.transact(lambda cursor: cursor.execute(query).fetchall())
    return int(rows)


def rows(warehouse: Warehouse, relation: str) -> list[tuple[object, ...]]:
    """Read a relation in a fixed order."""
    query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(*relation.split(".")))
    return sorted(warehouse.transact(lambda cursor: cursor.execute(query).fetchall()))


def test_a_superseded_try_cannot_stage_and_is_told_so(landing: FencedLanding, manifest: Manifest) -> None:
    """After a newer try has begun, the older one's rows are refused, and the message names both."""
    older = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    with pytest.raises(SupersededError, match="try 1 lost the fence, try 2 holds it"):
        landing.stage_readings(older, songs(0, "a.mid", "b.mid"))
    assert count(landing.warehouse, "scale.reading") == 0


def test_a_partition_is_staged_once_whoever_retries(landing: FencedLanding, manifest: Manifest) -> None:
    """A second try of a task, and a second try of the stage, find the partition in the ledger."""
    first = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    assert landing.stage_readings(first, songs(0, "a.mid", "b.mid"))
    assert not landing.stage_readings(first, songs(0, "a.mid", "b.mid"))
    second = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    assert second.pending == (1,)
    assert not landing.stage_readings(second, songs(0, "a.mid", "b.mid"))
    assert count(landing.warehouse, "scale.reading") == 2


def test_tasks_at_the_same_time_stage_a_partition_once(landing: FencedLanding, manifest: Manifest) -> None:
    """Of eight speculative tasks of one partition, exactly one lands its rows."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    with ThreadPoolExecutor(8) as pool:
        landed = list(pool.map(lambda _: landing.stage_readings(attempt, songs(0, "a.mid", "b.mid")), range(8)))
    assert sorted(landed) == [False] * 7 + [True]
    assert count(landing.warehouse, "scale.reading") == 2


def test_a_plan_stays_that_of_the_first_try(landing: FencedLanding, manifest: Manifest) -> None:
    """A later try with other settings works on the partitions that the first one cut."""
    landing.begin(manifest, Stage.SCORE_SIMILARITY, 3)
    assert landing.begin(manifest, Stage.SCORE_SIMILARITY, 7).partitions == 3


def test_completing_names_what_is_missing(landing: FencedLanding, manifest: Manifest) -> None:
    """A try that ends with a partition not staged fails."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.stage_readings(attempt, songs(0, "a.mid", "b.mid"))
    with pytest.raises(LandingError, match="1 of 2 partitions are not staged"):
        landing.complete(attempt)


def test_scoring_refuses_half_an_extraction(landing: FencedLanding, manifest: Manifest) -> None:
    """Sets are not handed out before all objects are staged."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.stage_readings(attempt, songs(0, "a.mid", "b.mid"))
    with pytest.raises(LandingError, match="1 of 3 objects"):
        landing.song_sets(manifest)


@pytest.mark.parametrize("materialize", Materialize)
def test_publishing_shows_everything_and_leaves_no_debris(
    landing: FencedLanding, manifest: Manifest, freeze: Freeze, materialize: Materialize
) -> None:
    """All relations change at once, the stamp says whose they are, and nothing of older manifests is left."""
    stage_all(landing, manifest)
    newer = freeze("run-2", min_instruments=1, materialize=materialize)
    stage_all(landing, newer)
    assert count(landing.warehouse, "filename_instrument") == 0
    landing.publish(newer)
    publication = verify_publication(landing.warehouse, newer.manifest_id)
    assert (publication.instrument_rows, publication.quarantine_rows, publication.pair_rows) == (4, 1, 1)
    assert publication.dag_run_id == "run-2"
    assert rows(landing.warehouse, "filename_instrument") == [
        ("a.mid", 0), ("a.mid", 33), ("b.mid", 0), ("b.mid", 33)
    ]  # fmt: skip
    assert rows(landing.warehouse, "filepair_similarity_score") == [("a.mid", "b.mid", 1.0)]
    assert rows(landing.warehouse, "quarantined_file") == [("c.mid", "not a song")]
    assert rows(landing.warehouse, "similar_song") == [("a.mid", "b.mid", 1.0), ("b.mid", "a.mid", 1.0)]
    for table in ("reading", "instrument_set", "set_neighbours", "manifest_object", "staged_partition"):
        assert {row[0] for row in rows(landing.warehouse, f"scale.{table}")} == {newer.manifest_id}


def test_nothing_is_published_when_no_object_is_a_song(landing: FencedLanding, bucket: Bucket, freeze: Freeze) -> None:
    """A prefix without MIDI fails the run and leaves what consumers read."""
    bucket.fill({"a.txt": b"1"})
    manifest = freeze("run-1")
    extract = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    landing.stage_readings(extract, quarantined(0, "a.txt"))
    score(landing, manifest)
    with pytest.raises(LandingError, match="none of the 1 objects under s3://songs/ is a song"):
        landing.publish(manifest)


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
    landing.stage_readings(attempt, songs(0, "a.mid", "b.mid"))
    with pytest.raises(LandingError, match="objects=3 but objects_staged=2"):
        landing.publish(manifest)
    assert count(landing.warehouse, "filename_instrument") == 0


def test_rows_lost_from_staging_are_noticed(landing: FencedLanding, manifest: Manifest) -> None:
    """A ledger that promises more rows than are staged stops the publication."""
    stage_all(landing, manifest)
    landing.warehouse.transact(lambda cursor: cursor.execute("DELETE FROM scale.set_neighbours"))
    with pytest.raises(LandingError, match="neighbour_rows=1 but neighbour_rows_staged=0"):
        landing.publish(manifest)


def test_an_older_manifest_never_replaces_a_newer_one(
    landing: FencedLanding, manifest: Manifest, freeze: Freeze
) -> None:
    """A late run is refused whole, and what it staged is swept by the newer publication."""
    stage_all(landing, manifest)
    newer = freeze("run-2", min_instruments=1)
    stage_all(landing, newer)
    landing.publish(newer)
    with pytest.raises(LandingError, match="older than the published manifest"):
        landing.publish(manifest)
    assert count(landing.warehouse, "scale.reading") == 3
    assert verify_publication(landing.warehouse, newer.manifest_id).dag_run_id == "run-2"


def test_a_writer_that_outlives_the_publication_leaves_nothing(
    landing: FencedLanding, manifest: Manifest, freeze: Freeze
) -> None:
    """Tries of the published manifest and of an older one are both superseded by publishing."""
    older = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    newer = freeze("run-2", min_instruments=1)
    stage_all(landing, newer)
    same = landing.begin(newer, Stage.EXTRACT_INSTRUMENTS, newer.partitions)
    landing.publish(newer)
    for attempt in (older, same):
        with pytest.raises(SupersededError):
            landing.stage_readings(attempt, songs(0, "a.mid", "b.mid"))
    assert count(landing.warehouse, "scale.reading") == 3


def test_a_reader_sees_the_old_publication_or_the_new_one(
    landing: FencedLanding, manifest: Manifest, freeze: Freeze, postgres: PostgresServer
) -> None:
    """A snapshot taken before a publication shows the old rows of every relation after it."""
    stage_all(landing, manifest)
    landing.publish(manifest)
    newer = freeze("run-2", min_instruments=1)
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
        staged = pool.submit(landing.stage_readings, attempt, songs(0, "a.mid", "b.mid"))
        postgres.start()
        assert staged.result(timeout=30)
    assert count(landing.warehouse, "scale.reading") == 2


def test_appending_duplicates_what_a_first_try_committed(warehouse: Warehouse, manifest: Manifest) -> None:
    """The known-bad landing: a job that runs again appends its rows again, and publishes them."""
    manifest = replace(manifest, landing=LandingMode.APPEND)
    landing = AppendLanding.without_patience(warehouse)
    landing.prepare(manifest)
    for _ in range(2):
        attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
        landing.stage_readings(attempt, songs(0, "a.mid", "b.mid"))
        score(landing, manifest)
    landing.publish(manifest)
    assert count(warehouse, "filename_instrument") == 8
    assert rows(warehouse, "filepair_similarity_score") == [("a.mid", "b.mid", 1.0)] * 2
    assert verify_publication(warehouse, manifest.manifest_id).instrument_rows == 8
