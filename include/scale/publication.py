"""What consumers read: which manifest it shows, pointing to another, and checking it."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Cursor
from psycopg.rows import class_row, dict_row

from include.errors import LandingError
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse

_SWEPT = (
    "stage_fence",  # no fence, no writing: a try of a superseded manifest that still lives is refused from here on
    "stage_try",
    "staged_partition",
    "reading",
    "set_neighbours",
    "instrument_set",
    "flat_instrument",
    "flat_quarantine",
    "flat_pair",
    "manifest_object",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The stamp of what the contract relations show; `published_at` is None while rows are still appended."""

    manifest_id: int
    dag_run_id: str
    flat: bool
    published_at: datetime | None
    instrument_rows: int
    quarantine_rows: int
    pair_rows: int


def read_publication(cursor: Cursor[Row]) -> Publication | None:
    """Read the stamp; None before the first publication."""
    with cursor.connection.cursor(row_factory=class_row(Publication)) as reader:
        return reader.execute(statement("publication/current")).fetchone()


def show_manifest(cursor: Cursor[Row], manifest_id: int) -> None:
    """Point every relation to this manifest's rows."""
    cursor.execute(statement("publication/show"), {"manifest_id": manifest_id})
    cursor.execute(statement("publication/analyze"))


def sweep_older(cursor: Cursor[Row], manifest_id: int) -> None:
    """Delete what older manifests have left, published or dead; readers of a running snapshot still see it."""
    for table in _SWEPT:
        cursor.execute(statement(f"publication/sweep_{table}"), {"manifest_id": manifest_id})


def verify_publication(warehouse: Warehouse, manifest_id: int) -> Publication:
    """Check that consumers read this manifest and that its counts reconcile; raise `LandingError` if not."""

    def read(cursor: Cursor[Row]) -> tuple[Publication | None, dict[str, int] | None]:
        with cursor.connection.cursor(row_factory=dict_row) as reader:
            reader.execute(statement("publication/verify"), {"manifest_id": manifest_id})
            return read_publication(cursor), reader.fetchone()

    publication, counts = warehouse.transact(read)
    if publication is None or counts is None:
        shown = f"manifest {publication.manifest_id}" if publication else "nothing"
        raise LandingError(f"manifest {manifest_id} is not what consumers read: {shown} is published")
    wrong = [f"{name}: {count}" for name, count in counts.items() if count]
    if wrong:
        raise LandingError(f"manifest {manifest_id} did not land as it was published: {'; '.join(wrong)}")
    return publication
