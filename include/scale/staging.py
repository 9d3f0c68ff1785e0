"""What travels between a stage's driver, its tasks and the warehouse, whichever way rows land."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from psycopg import Cursor

from include.scale.model import InstrumentRow, Manifest, QuarantineRow, Relation, SimilarPair, Stage
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse

LandedRow = InstrumentRow | QuarantineRow | SimilarPair


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTry:
    """One try of one stage: its fence, the stage's partitions 0..`partitions`-1, and those still to do."""

    manifest_id: int
    stage: Stage
    fence: int
    partitions: int
    pending: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedPartition:
    """What one Spark task lands: all rows of one partition, made from `objects` objects or sets."""

    partition_id: int
    objects: int
    rows: Mapping[Relation, Sequence[LandedRow]]

    def row_count(self) -> int:
        """Count the rows of all relations."""
        return sum(map(len, self.rows.values()))


class Landing(Protocol):
    """A way for rows to travel from Spark tasks to the relations that consumers read. Can be pickled."""

    @property
    def warehouse(self) -> Warehouse:
        """Where the rows go, as patient as this way is."""

    def prepare(self) -> None:
        """Make ready, once the manifest is frozen."""

    def begin(self, manifest: Manifest, stage: Stage, partitions: int) -> StageTry:
        """Begin a try of a stage that its first try cuts into so many partitions."""

    def stage(self, attempt: StageTry, partition: StagedPartition) -> bool:
        """Land one partition's rows; give False when an earlier task had landed them."""

    def complete(self, attempt: StageTry) -> None:
        """End a try; raise `LandingError` when a partition is missing."""

    def instruments(self, manifest: Manifest) -> list[InstrumentRow]:
        """Read what the extraction landed."""

    def publish(self, manifest: Manifest) -> None:
        """Show the manifest's rows to consumers."""


def copy_rows(cursor: Cursor[Row], name: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Send rows through the COPY statement of that name."""
    with cursor.copy(statement(name)) as copy:
        for row in rows:
            copy.write_row(row)
