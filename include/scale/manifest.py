"""Freezing what must land: one listing of the bucket, kept in the warehouse, cut into partitions."""

from collections.abc import Iterable
from dataclasses import dataclass

from obstore.store import S3Store
from psycopg import Cursor
from psycopg.rows import dict_row

from include.errors import CorpusError, LandingError
from include.scale.model import (
    Extractor,
    LandingMode,
    Manifest,
    ManifestRequest,
    Materialize,
    MidiObject,
    Reading,
    Rejection,
    SimilarityMethod,
    Song,
)
from include.scale.object_store import list_objects
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse
from include.settings import ScaleSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """An object at its place in the listing; `known` is its reading for an earlier run, if it is unchanged since."""

    ordinal: int
    listed: MidiObject
    known: Reading | None


def freeze_manifest(
    warehouse: Warehouse, store: S3Store, request: ManifestRequest, settings: ScaleSettings
) -> Manifest:
    """Freeze the bucket's listing for a DAG run, or give the one that an earlier try has frozen.

    Raises `CorpusError` when there is nothing to land: publishing nothing would empty what consumers read.
    """

    def freeze(cursor: Cursor[Row]) -> Manifest:
        cursor.execute(statement("manifest/lock"))
        inserted = cursor.execute(statement("manifest/insert"), request.model_dump()).fetchone()
        if inserted:
            key = {"manifest_id": inserted[0]}
            _copy_objects(cursor, inserted[0], list_objects(store, request.prefix))
            limits = {"least": settings.least_partition_objects, "most": settings.most_partition_objects}
            cursor.execute(statement("manifest/seal"), key | limits)
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


def read_partition(warehouse: Warehouse, manifest: Manifest, partition_id: int) -> list[ListedObject]:
    """Read the objects of one partition, in the order of the listing."""
    ordinals = manifest.ordinals(partition_id)
    rows = warehouse.fetch(
        "manifest/partition_objects",
        manifest_id=manifest.manifest_id,
        reused_manifest_id=manifest.reused_manifest_id,
        start=ordinals.start,
        stop=ordinals.stop,
    )
    return [_listed_object(*row) for row in rows]


def read_objects(warehouse: Warehouse, manifest_id: int) -> list[MidiObject]:
    """Read all objects, in the order of the listing."""
    rows = warehouse.fetch("manifest/objects", manifest_id=manifest_id)
    return [MidiObject(key=key, etag=etag, size=size) for key, etag, size in rows]


def _copy_objects(cursor: Cursor[Row], manifest_id: int, listing: Iterable[MidiObject]) -> None:
    with cursor.copy(statement("manifest/copy_objects")) as copy:
        for ordinal, listed in enumerate(listing):
            copy.write_row((manifest_id, ordinal, listed.key, listed.etag, listed.size))


def _listed_object(
    ordinal: int,
    key: str,
    etag: str,
    size: int,
    is_known: bool,  # noqa: FBT001  # a column of the row
    programs: list[int] | None,
    reason: str | None,
) -> ListedObject:
    listed = MidiObject(key=key, etag=etag, size=size)
    outcome = Rejection(reason=reason or "") if programs is None else Song(programs=tuple(programs))
    return ListedObject(
        ordinal=ordinal, listed=listed, known=Reading(key=key, etag=etag, outcome=outcome) if is_known else None
    )


def _read(cursor: Cursor[Row], name: str, **parameters: int | str) -> Manifest:
    with cursor.connection.cursor(row_factory=dict_row) as reader:
        row = reader.execute(statement(name), parameters).fetchone()
    if row is None:
        raise LandingError(f"no manifest with {parameters}: the task freeze_manifest has not committed one")
    words = {"extractor": Extractor, "method": SimilarityMethod, "materialize": Materialize, "landing": LandingMode}
    return Manifest(**row | {name: word(row[name]) for name, word in words.items()})
