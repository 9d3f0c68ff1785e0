"""The original's way, kept because it fails: every task appends to what consumers read, and nobody keeps count.

A retry of a job appends again what its first try had committed, and a run that dies leaves half of its rows in sight.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from psycopg import Cursor

from include.scale.failpoints import Place, pass_by, pass_in_run
from include.scale.model import Manifest, Stage
from include.scale.publication import read_publication, sweep_older
from include.scale.song_sets import SongSets, order_song_sets
from include.scale.staging import (
    ReadPartition,
    ScoredPartition,
    StageTry,
    copy_neighbours,
    copy_readings,
    copy_sets,
    flatten,
)
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendLanding:
    """Append from each task: no ledger, no fence, one attempt, no waiting for a server that is away."""

    warehouse: Warehouse

    @classmethod
    def without_patience(cls, warehouse: Warehouse) -> Self:
        """Land there as the original did, which gave up at the first error."""
        return cls(warehouse=replace(warehouse, patience=timedelta()))

    def prepare(self, manifest: Manifest) -> None:
        """Show consumers this run's rows from here on: none yet."""

        def work(cursor: Cursor[Row]) -> None:
            published = read_publication(cursor)
            if published is None or published.manifest_id != manifest.manifest_id:
                cursor.execute(statement("append/show"), {"manifest_id": manifest.manifest_id})
                sweep_older(cursor, manifest.manifest_id)

        self.warehouse.transact(work)

    def begin(self, manifest: Manifest, stage: Stage, partitions: int) -> StageTry:
        """Plan all partitions, done before or not."""
        return StageTry(
            manifest=manifest, stage=stage, fence=0, partitions=partitions, pending=tuple(range(partitions))
        )

    def song_sets(self, manifest: Manifest) -> SongSets:
        """Give the distinct sets of whatever has been read."""
        return order_song_sets(self.warehouse.fetch("staging/songs_by_set", manifest_id=manifest.manifest_id))

    def plan_sets(self, attempt: StageTry, sets: SongSets) -> None:
        """Replace the sets of an earlier try."""

        def work(cursor: Cursor[Row]) -> None:
            cursor.execute(statement("staging/delete_sets"), attempt.key)
            copy_sets(cursor, attempt, sets)
            cursor.execute(statement("staging/analyze"))

        self.warehouse.transact(work)

    def stage_readings(self, attempt: StageTry, partition: ReadPartition) -> bool:
        """Append the rows, seen by consumers at once."""

        def work(cursor: Cursor[Row]) -> None:
            cursor.execute(statement("append/delete_readings"), _part_of(attempt, partition.partition_id))
            copy_readings(cursor, attempt, partition)
            flatten(cursor, attempt, partition.partition_id, "instruments", "quarantine")

        self._append(attempt, work)
        return True

    def stage_neighbours(self, attempt: StageTry, partition: ScoredPartition) -> bool:
        """Append the rows, seen by consumers at once."""

        def work(cursor: Cursor[Row]) -> None:
            cursor.execute(statement("append/delete_neighbours"), _part_of(attempt, partition.partition_id))
            copy_neighbours(cursor, attempt, partition)
            flatten(cursor, attempt, partition.partition_id, "pairs")

        self._append(attempt, work)
        return True

    def complete(self, attempt: StageTry) -> None:
        """Do nothing: there is no count to compare with."""

    def publish(self, manifest: Manifest) -> None:
        """Stamp the publication; the rows are in sight already."""
        key = {"manifest_id": manifest.manifest_id}
        self.warehouse.transact(lambda cursor: cursor.execute(statement("append/stamp"), key))
        pass_in_run(Place.PUBLISHED, stage=Stage.PUBLISH, dag_run_id=manifest.dag_run_id)

    def _append(self, attempt: StageTry, write: Callable[[Cursor[Row]], None]) -> None:
        def work(cursor: Cursor[Row]) -> None:
            write(cursor)
            pass_by(Place.PARTITION_WRITTEN, attempt)

        self.warehouse.transact(work)
        pass_by(Place.PARTITION_COMMITTED, attempt)


def _part_of(attempt: StageTry, partition_id: int) -> dict[str, int]:
    return {"manifest_id": attempt.manifest.manifest_id, "partition_id": partition_id}
