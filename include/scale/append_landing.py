"""The original's way, kept because it fails: every task appends to what consumers read, and nobody keeps count.

A retry of a job appends again what its first try had committed, and a run that dies leaves half of its rows in sight.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from psycopg import Cursor

from include.scale.model import InstrumentRow, Manifest, Stage
from include.scale.publication import empty_relations, stamp_publication
from include.scale.staging import StagedPartition, StageTry, copy_rows
from include.scale.warehouse import Row, Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendLanding:
    """Append from each task: no ledger, no fence, one attempt, no waiting for a server that is away."""

    warehouse: Warehouse

    @classmethod
    def without_patience(cls, warehouse: Warehouse) -> Self:
        """Land there as the original did, which gave up at the first error."""
        return cls(warehouse=replace(warehouse, patience=timedelta()))

    def prepare(self) -> None:
        """Empty the relations before the first row is appended."""
        self.warehouse.transact(empty_relations)

    def begin(self, manifest: Manifest, stage: Stage, partitions: int) -> StageTry:
        """Plan all partitions, done before or not."""
        return StageTry(
            manifest_id=manifest.manifest_id,
            stage=stage,
            fence=0,
            partitions=partitions,
            pending=tuple(range(partitions)),
        )

    def stage(self, attempt: StageTry, partition: StagedPartition) -> bool:  # noqa: ARG002  # no fence is asked
        """Append the rows, seen by consumers at once."""

        def work(cursor: Cursor[Row]) -> None:
            for relation, rows in partition.rows.items():
                copy_rows(cursor, f"append/copy_{relation}", rows)

        self.warehouse.transact(work)
        return True

    def complete(self, attempt: StageTry) -> None:
        """Do nothing: there is no count to compare with."""

    def instruments(self, manifest: Manifest) -> list[InstrumentRow]:  # noqa: ARG002  # no rows are told apart
        """Read whatever rows there are."""
        return [InstrumentRow(*row) for row in self.warehouse.fetch("append/instruments")]

    def publish(self, manifest: Manifest) -> None:
        """Stamp the publication; the rows are in sight already."""
        self.warehouse.transact(lambda cursor: stamp_publication(cursor, manifest.manifest_id))
