"""Claims about freezing a manifest, on real servers."""

from collections.abc import Mapping

import pytest
from psycopg import Cursor
from pydantic import SecretStr

from include.errors import CorpusError, LandingError
from include.scale.manifest import freeze_manifest, read_manifest, read_objects, read_partition
from include.scale.model import ManifestRequest
from include.scale.object_store import open_bucket
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse, migrate
from tests.scale.conftest import PATIENCE, SMALL_PARTITIONS, Bucket, Freeze

ODD_KEYS = ("a b.mid", "it's.mid", 'say "hi".mid', "100%.mid", "ünïcode ♫.mid", "semi;colon,comma.mid")


def test_freezing_again_gives_the_same_manifest(bucket: Bucket, freeze: Freeze) -> None:
    """A retry after objects were added finds the listing of the first try."""
    bucket.fill({"a.mid": b"1", "b.mid": b"2", "c.mid": b"3"})
    first = freeze("run-1")
    bucket.fill({"d.mid": b"4"})
    assert freeze("run-1") == first
    assert (first.object_count, first.partitions) == (3, 2)
    assert freeze("run-2").object_count == 4


def test_twins_have_the_same_digest(bucket: Bucket, freeze: Freeze) -> None:
    """Two runs over the same objects can be told to be twins; a changed byte tells them apart."""
    bucket.fill({"a.mid": b"1", "b.mid": b"2"})
    digests = [freeze("run-1").content_digest, freeze("run-2").content_digest]
    bucket.fill({"b.mid": b"3"})
    digests.append(freeze("run-3").content_digest)
    assert digests[0] == digests[1] != digests[2]


def test_odd_keys_survive(bucket: Bucket, freeze: Freeze, warehouse: Warehouse) -> None:
    """Spaces, quotes, percent signs and letters beyond ASCII come back as they were."""
    bucket.fill(dict.fromkeys(ODD_KEYS, b"1"))
    assert {listed.key for listed in read_objects(warehouse, freeze("run-1").manifest_id)} == set(ODD_KEYS)


def test_partitions_make_up_the_manifest(bucket: Bucket, freeze: Freeze, warehouse: Warehouse) -> None:
    """Every object is in exactly one partition."""
    bucket.fill({f"{number}.mid": b"1" for number in range(5)})
    manifest = freeze("run-1")
    parts = [read_partition(warehouse, manifest, number) for number in range(manifest.partitions)]
    assert [it.listed for part in parts for it in part] == read_objects(warehouse, manifest.manifest_id)


@pytest.mark.parametrize(("objects", "size"), [(1, 16), (2048, 16), (2049, 17), (20_000, 157), (178_561, 512)])
def test_a_corpus_is_cut_into_128_partitions_within_limits(warehouse: Warehouse, objects: int, size: int) -> None:
    """Small corpora get partitions of 16 objects, large ones of 512, others 128 partitions."""

    def seal(cursor: Cursor[Row]) -> Row | None:
        request = ManifestRequest(dag_run_id="run-1", bucket="songs").model_dump()
        [(manifest_id,)] = cursor.execute(statement("manifest/insert"), request).fetchall()
        key = {"manifest_id": manifest_id, "objects": objects}
        listing = "SELECT %(manifest_id)s, n, n, n, 1 FROM generate_series(1, %(objects)s) AS n"
        cursor.execute(f"INSERT INTO scale.manifest_object {listing}", key)  # a literal
        cursor.execute(statement("manifest/seal"), {**key, "least": 16, "most": 512})
        return cursor.execute("SELECT partition_objects, partitions FROM scale.manifest").fetchone()

    assert warehouse.transact(seal) == (size, -(-objects // size))


def test_a_prefix_limits_the_listing(bucket: Bucket, freeze: Freeze) -> None:
    """Only the folder's objects are frozen, with or without a trailing slash."""
    bucket.fill({"in/a.mid": b"1", "out/b.mid": b"2"})
    assert freeze("run-1", prefix="in/").object_count == freeze("run-2", prefix="in").object_count == 1


def test_an_empty_bucket_fails_and_leaves_no_manifest(bucket: Bucket, freeze: Freeze, warehouse: Warehouse) -> None:
    """Nothing to land is an error, so that a wrong prefix cannot empty what consumers read."""
    with pytest.raises(CorpusError, match="no objects"):
        freeze("run-1")
    with pytest.raises(LandingError, match="no manifest"):
        read_manifest(warehouse, 1)


def test_a_missing_bucket_is_named(bucket: Bucket, warehouse: Warehouse) -> None:
    """The message says which bucket and what the server said."""
    store = open_bucket(bucket.settings, "nowhere", PATIENCE)
    with pytest.raises(CorpusError, match=r"s3://nowhere/.*NoSuchBucket"):
        freeze_manifest(warehouse, store, ManifestRequest(dag_run_id="run-1", bucket="nowhere"), SMALL_PARTITIONS)


def test_wrong_credentials_fail_without_showing_them(bucket: Bucket, warehouse: Warehouse) -> None:
    """The server's refusal is told, the secret is not."""
    wrong = bucket.settings.model_copy(update={"secret_access_key": SecretStr("open sesame")})
    store, request = open_bucket(wrong, bucket.name, PATIENCE), ManifestRequest(dag_run_id="run-1", bucket=bucket.name)
    with pytest.raises(CorpusError, match="SignatureDoesNotMatch") as refusal:
        freeze_manifest(warehouse, store, request, SMALL_PARTITIONS)
    assert "sesame" not in str(refusal.value)


def test_migrating_again_changes_nothing(warehouse: Warehouse) -> None:
    """The schema is applied once, whoever starts first."""
    assert migrate(warehouse) == []


@pytest.mark.parametrize("stage", ["extract_instruments", "score_similarity"])
def test_progress_is_unknown_before_a_run(warehouse: Warehouse, stage: str) -> None:
    """The contract's statements give no row for a run that has frozen nothing."""
    assert progress(warehouse, stage, {"dag_run_id": "none"}) == []


def test_progress_counts_objects(bucket: Bucket, freeze: Freeze, warehouse: Warehouse) -> None:
    """Once frozen, none of the manifest's objects is staged."""
    bucket.fill({"a.mid": b"1", "b.mid": b"2"})
    freeze("run-1")
    assert progress(warehouse, "extract_instruments", {"dag_run_id": "run-1"}) == [(0, 2)]


def progress(warehouse: Warehouse, stage: str, parameters: Mapping[str, str]) -> list[tuple[int, int]]:
    """Poll a stage as the chaos engine does."""
    query = statement(f"contract/staged_{stage}")
    return warehouse.transact(lambda cursor: cursor.execute(query, parameters).fetchall())
