"""Freezing what must land: one listing of the bucket, kept in the warehouse, cut into partitions."""

from collections.abc import Iterable

from obstore.store import S3Store
from psycopg import Cursor
from psycopg.rows import dict_row

from include.errors import CorpusError, LandingError
from include.scale.model import LandingMode, Manifest, ManifestRequest, MidiObject
from include.scale.object_store import list_objects
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse


def freeze_manifest(warehouse: Warehouse, store: S3Store, request: ManifestRequest, partition_objects: int) -> Manifest:
    """Freeze the bucket's listing for a DAG run, or give the one that an earlier try has frozen.

    Raises `CorpusError` when there is nothing to land: publishing nothing would empty what consumers read.
    """

    def freeze(cursor: Cursor[Row]) -> Manifest:
        cursor.execute(statement("manifest/lock"))
        inserted = cursor.execute(statement("manifest/insert"), request.model_dump()).fetchone()
        if inserted:
            _copy_objects(cursor, inserted[0], list_objects(store, request.prefix), partition_objects)
            cursor.execute(statement("manifest/seal"), {"manifest_id": inserted[0]})
        manifest = _read(cursor, "manifest/by_dag_run_id", dag_run_id=request.dag_run_id)
        if not manifest.object_count:
            raise CorpusError(
                f"s3://{request.bucket}/{request.prefix}: no objects. "
                "Fill it with `chaos-control corpus generate`, or correct the bucket and prefix of the run."
            )
        return manifest

    return warehouse.transact(freeze)


def read_manifest(warehouse: Warehouse, manifest_id: int) -> Manifest:
    """Read a frozen manifest's heading; raise `LandingError` when there is none."""
    return warehouse.transact(lambda cursor: _read(cursor, "manifest/by_manifest_id", manifest_id=manifest_id))


def find_manifest(warehouse: Warehouse, dag_run_id: str) -> Manifest:
    """Read the manifest of a DAG run; raise `LandingError` when there is none."""
    return warehouse.transact(lambda cursor: _read(cursor, "manifest/by_dag_run_id", dag_run_id=dag_run_id))


def read_partition(warehouse: Warehouse, manifest_id: int, partition_id: int) -> list[MidiObject]:
    """Read the objects of one partition, in the order of their keys."""
    rows = warehouse.fetch("manifest/partition_objects", manifest_id=manifest_id, partition_id=partition_id)
    return [MidiObject(key=key, etag=etag, size=size) for key, etag, size in rows]


def read_objects(warehouse: Warehouse, manifest_id: int) -> list[MidiObject]:
    """Read all objects, in the order of their keys."""
    rows = warehouse.fetch("manifest/objects", manifest_id=manifest_id)
    return [MidiObject(key=key, etag=etag, size=size) for key, etag, size in rows]


def _copy_objects(cursor: Cursor[Row], manifest_id: int, listing: Iterable[MidiObject], partition_objects: int) -> None:
    with cursor.copy(statement("manifest/copy_objects")) as copy:
        for number, listed in enumerate(listing):
            copy.write_row((manifest_id, number // partition_objects, listed.key, listed.etag, listed.size))


def _read(cursor: Cursor[Row], name: str, **parameters: int | str) -> Manifest:
    with cursor.connection.cursor(row_factory=dict_row) as reader:
        row = reader.execute(statement(name), parameters).fetchone()
    if row is None:
        raise LandingError(f"no manifest with {parameters}: the task freeze_manifest has not committed one")
    return Manifest(**row | {"landing": LandingMode(row["landing"])})
