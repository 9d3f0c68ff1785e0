"""Fixtures of the pipeline's tests: a warehouse and a bucket of one's own, on real servers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import obstore
import pytest
from obstore.store import S3Store

from include.scale.fenced_landing import FencedLanding
from include.scale.manifest import freeze_manifest
from include.scale.model import Manifest, ManifestRequest
from include.scale.object_store import open_bucket
from include.scale.warehouse import Warehouse, migrate
from include.settings import ObjectStoreSettings, ScaleSettings
from tests.scale.servers import PostgresServer, postgres_server, s3_server

PATIENCE = timedelta(seconds=20)
SMALL_PARTITIONS = ScaleSettings(least_partition_objects=2, least_partition_sets=2, patience=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket on an S3 server of its own, filled and emptied beside the code under test."""

    name: str
    settings: ObjectStoreSettings
    store: S3Store

    def fill(self, contents: Mapping[str, bytes]) -> None:
        """Put objects."""
        for key, content in contents.items():
            obstore.put(self.store, key, content)

    def remove(self, *keys: str) -> None:
        """Delete objects."""
        obstore.delete(self.store, keys)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL for all tests."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def warehouse(postgres: PostgresServer) -> Warehouse:
    """A warehouse with the schema and no rows."""
    created = Warehouse(settings=postgres.create_database(), patience=PATIENCE)
    migrate(created)
    return created


@pytest.fixture
def landing(warehouse: Warehouse) -> FencedLanding:
    """The landing under test."""
    return FencedLanding(warehouse=warehouse)


@pytest.fixture
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """An empty bucket."""
    root = tmp_path_factory.mktemp("s3")
    (root / "songs").mkdir()
    with s3_server(root) as settings:
        yield Bucket(name="songs", settings=settings, store=open_bucket(settings, "songs", PATIENCE))


class Freeze(Protocol):
    """Freezes the bucket for a run."""

    def __call__(self, dag_run_id: str, **asked: object) -> Manifest: ...


@pytest.fixture
def freeze(warehouse: Warehouse, bucket: Bucket) -> Freeze:
    """Freeze with two objects a partition."""

    def frozen(dag_run_id: str, **asked: object) -> Manifest:
        request = ManifestRequest.model_validate({"dag_run_id": dag_run_id, "bucket": bucket.name, **asked})
        return freeze_manifest(warehouse, bucket.store, request, SMALL_PARTITIONS)

    return frozen
