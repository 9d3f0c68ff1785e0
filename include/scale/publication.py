"""What consumers read: which manifest it shows, replacing it, and checking it."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Cursor
from psycopg.rows import class_row, dict_row

from include.errors import LandingError
from include.scale.model import Relation
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The stamp of what the contract relations show."""

    manifest_id: int
    dag_run_id: str
    published_at: datetime
    instrument_rows: int
    quarantine_rows: int
    pair_rows: int


def read_publication(cursor: Cursor[Row]) -> Publication | None:
    """Read the stamp; None before the first publication."""
    with cursor.connection.cursor(row_factory=class_row(Publication)) as reader:
        return reader.execute(statement("publication/current")).fetchone()


def empty_relations(cursor: Cursor[Row]) -> None:
    """Delete every row that consumers read, in the caller's transaction."""
    for relation in Relation:
        cursor.execute(statement(f"publication/empty_{relation}"))


def stamp_publication(cursor: Cursor[Row], manifest_id: int) -> None:
    """Say that the relations show this manifest, with the rows that they hold now."""
    cursor.execute(statement("publication/stamp"), {"manifest_id": manifest_id})


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
