"""Landing that any number of tries, dead or alive at once, cannot spoil.

Three rules carry it. A try takes the stage's fence by raising it, and every transaction that writes shares that fence
first: a newer try waits for the commits under way, then the older can write nothing. A task writes its rows and its
ledger entry in one transaction, and only if the entry is new: a partition is staged once, whoever retries. Publishing
is one transaction that reconciles the ledger, points consumers to the manifest, and takes the fence from all older
writers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from psycopg import Cursor
from psycopg.rows import dict_row

from include.errors import LandingError, SupersededError
from include.scale.failpoints import Place, pass_by
from include.scale.model import Manifest, Materialize, Stage
from include.scale.publication import read_publication, show_manifest, sweep_older
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

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FencedLanding:
    """Stage exactly once under a fence, then publish everything in one transaction."""

    warehouse: Warehouse

    def prepare(self, manifest: Manifest) -> None:
        """Do nothing: what consumers read stays until something newer is published."""

    def begin(self, manifest: Manifest, stage: Stage, partitions: int) -> StageTry:
        """Take the stage's fence from every older try; raise `LandingError` when a newer manifest is published."""
        key = {"manifest_id": manifest.manifest_id, "stage": stage}

        def work(cursor: Cursor[Row]) -> StageTry:
            cursor.execute(statement("publication/lock"))
            _refuse_older(cursor, manifest.manifest_id)
            planned = {**key, "partitions": partitions}
            [(fence, planned_first)] = cursor.execute(statement("fenced/take_fence"), planned).fetchall()
            cursor.execute(statement("fenced/record_try"), {**key, "fence": fence})
            pending = cursor.execute(statement("fenced/pending_partitions"), key).fetchall()
            return StageTry(
                manifest=manifest,
                stage=stage,
                fence=fence,
                partitions=planned_first,
                pending=tuple(partition_id for (partition_id,) in pending),
            )

        return self.warehouse.transact(work)

    def song_sets(self, manifest: Manifest) -> SongSets:
        """Give the distinct sets of what the extraction staged; raise `LandingError` while it is not complete."""
        [(missing,)] = self.warehouse.fetch("fenced/unstaged_objects", manifest_id=manifest.manifest_id)
        if missing:
            raise LandingError(
                f"{missing} of {manifest.object_count} objects of manifest {manifest.manifest_id} are not staged. "
                "Clear the task extract_instruments first: it stages only those."
            )
        return order_song_sets(self.warehouse.fetch("staging/songs_by_set", manifest_id=manifest.manifest_id))

    def plan_sets(self, attempt: StageTry, sets: SongSets) -> None:
        """Land the sets, unless an earlier try has: readings do not change, so the sets are the same."""

        def work(cursor: Cursor[Row]) -> None:
            _share_fence(cursor, attempt)
            if cursor.execute(statement("staging/sets_planned"), attempt.key).fetchone() == (False,):
                copy_sets(cursor, attempt, sets)
                cursor.execute(statement("staging/analyze"))

        self._write(attempt, work)

    def stage_readings(self, attempt: StageTry, partition: ReadPartition) -> bool:
        """Stage readings and ledger entry together, once; raise `SupersededError` under an old fence."""
        entry = {
            "partition_id": partition.partition_id,
            "objects": len(partition.readings),
            "staged_rows": len(partition.readings),
            "relation_rows": partition.relation_rows(),
        }

        def write(cursor: Cursor[Row]) -> None:
            copy_readings(cursor, attempt, partition)
            if attempt.manifest.materialize is Materialize.PAIRS:
                flatten(cursor, attempt, partition.partition_id, "instruments", "quarantine")

        return self._stage(attempt, entry, write)

    def stage_neighbours(self, attempt: StageTry, partition: ScoredPartition) -> bool:
        """Stage neighbours and ledger entry together, once; raise `SupersededError` under an old fence."""
        entry = {
            "partition_id": partition.partition_id,
            "objects": partition.sets,
            "staged_rows": partition.neighbours.row_count(),
            "relation_rows": partition.song_pairs,
        }

        def write(cursor: Cursor[Row]) -> None:
            copy_neighbours(cursor, attempt, partition)
            if attempt.manifest.materialize is Materialize.PAIRS:
                flatten(cursor, attempt, partition.partition_id, "pairs")

        return self._stage(attempt, entry, write)

    def complete(self, attempt: StageTry) -> None:
        """Raise `SupersededError` when another try took over, `LandingError` when a partition is not staged."""

        def work(cursor: Cursor[Row]) -> list[Row]:
            _share_fence(cursor, attempt)
            return cursor.execute(statement("fenced/pending_partitions"), attempt.key).fetchall()

        if missing := self._write(attempt, work):
            raise LandingError(
                f"{attempt.stage} of manifest {attempt.manifest.manifest_id}: {len(missing)} of {attempt.partitions} "
                "partitions are not staged. Clear the task: it stages only those."
            )

    def publish(self, manifest: Manifest) -> None:
        """Point consumers to the manifest's rows; do nothing when they read them already.

        Raises `LandingError` when the ledger does not account for the whole manifest, when no object of it is a song
        or when a newer one is published, `SupersededError` when another try publishes.
        """
        attempt = self.begin(manifest, Stage.PUBLISH, partitions=0)

        def work(cursor: Cursor[Row]) -> None:
            cursor.execute(statement("publication/lock"))
            if _refuse_older(cursor, manifest.manifest_id):
                return
            _share_fence(cursor, attempt)
            cursor.execute(statement("fenced/fence_off"), attempt.key)
            _reconcile(cursor, manifest)
            show_manifest(cursor, manifest.manifest_id)
            pass_by(Place.RELATIONS_SHOWN, attempt)
            sweep_older(cursor, manifest.manifest_id)

        self._write(attempt, work)
        pass_by(Place.PUBLISHED, attempt)

    def _stage(self, attempt: StageTry, entry: dict[str, int], write: Callable[[Cursor[Row]], None]) -> bool:
        def work(cursor: Cursor[Row]) -> bool:
            _share_fence(cursor, attempt)
            claim = {**attempt.key, "fence": attempt.fence, **entry}
            if not cursor.execute(statement("fenced/claim_partition"), claim).fetchone():
                return False
            write(cursor)
            pass_by(Place.PARTITION_WRITTEN, attempt)
            return True

        staged = self._write(attempt, work)
        pass_by(Place.PARTITION_COMMITTED, attempt)
        return staged

    def _write(self, attempt: StageTry, work: Callable[[Cursor[Row]], T]) -> T:
        """Run a transaction under the fence, and leave a record when the try has lost it."""
        try:
            return self.warehouse.transact(work)
        except SupersededError:
            refused = {**attempt.key, "fence": attempt.fence}
            self.warehouse.transact(lambda cursor: cursor.execute(statement("fenced/record_refusal"), refused))
            raise


def _share_fence(cursor: Cursor[Row], attempt: StageTry) -> None:
    """Hold the fence until this transaction ends; raise `SupersededError` when it is another try's."""
    row = cursor.execute(statement("fenced/share_fence"), attempt.key).fetchone()
    if row != (attempt.fence,):
        holder = f"try {row[0]} holds it" if row else "a newer manifest is published"
        raise SupersededError(
            f"{attempt.stage} of manifest {attempt.manifest.manifest_id}: try {attempt.fence} lost the fence, "
            f"{holder}. This try can write nothing more, and nothing is left to do for it."
        )


def _refuse_older(cursor: Cursor[Row], manifest_id: int) -> bool:
    """Tell whether this manifest is the published one; raise `LandingError` when a newer one is."""
    published = read_publication(cursor)
    if published and published.manifest_id > manifest_id:
        raise LandingError(
            f"manifest {manifest_id} is older than the published manifest {published.manifest_id} "
            f"(run {published.dag_run_id}) and must not replace it. Start a new run instead."
        )
    return published is not None and published.manifest_id == manifest_id


def _reconcile(cursor: Cursor[Row], manifest: Manifest) -> None:
    """Raise `LandingError` unless the ledger, the staged rows and the manifest agree in every figure."""
    with cursor.connection.cursor(row_factory=dict_row) as reader:
        [row] = reader.execute(statement("fenced/reconcile"), {"manifest_id": manifest.manifest_id}).fetchall()
    songs = row.pop("songs")
    figures = list(row.items())  # each stands before what it must equal
    wrong = [f"{a}={x} but {b}={y}" for (a, x), (b, y) in zip(figures[::2], figures[1::2], strict=True) if x != y]
    if wrong:
        raise LandingError(
            f"manifest {manifest.manifest_id} is not staged completely, so nothing is published: {'; '.join(wrong)}"
        )
    if not songs:
        raise LandingError(
            f"none of the {manifest.object_count} objects under s3://{manifest.bucket}/{manifest.prefix} is a song, so "
            "nothing is published; scale.reading says why for each. Correct the bucket and prefix of the run."
        )
