"""Landing that any number of tries, dead or alive at once, cannot spoil.

Three rules carry it. A try takes the stage's fence by raising it, and every transaction that writes shares that fence
first: a newer try waits for the commits under way, then the older can write nothing. A task writes its rows and its
ledger entry in one transaction, and only if the entry is new: a partition is staged once, whoever retries. Publishing
is one transaction that reconciles the ledger, replaces the relations, and takes the fence from all older writers.
"""

from dataclasses import dataclass

from psycopg import Cursor
from psycopg.rows import dict_row

from include.errors import LandingError, SupersededError
from include.scale.model import InstrumentRow, Manifest, Relation, Stage
from include.scale.publication import empty_relations, read_publication, stamp_publication
from include.scale.staging import StagedPartition, StageTry, copy_rows
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse

_SWEEPS = ("sweep_fences", "sweep_ledger", "sweep_instrument", "sweep_quarantine", "sweep_pair")


@dataclass(frozen=True, slots=True, kw_only=True)
class FencedLanding:
    """Stage exactly once under a fence, then publish everything in one transaction."""

    warehouse: Warehouse

    def prepare(self) -> None:
        """Do nothing: what consumers read stays until something newer is published."""

    def begin(self, manifest: Manifest, stage: Stage, partitions: int) -> StageTry:
        """Take the stage's fence from every older try; raise `LandingError` when a newer manifest is published."""
        key = {"manifest_id": manifest.manifest_id, "stage": stage}

        def work(cursor: Cursor[Row]) -> StageTry:
            cursor.execute(statement("publication/lock"))
            _refuse_older(cursor, manifest.manifest_id)
            planned = {**key, "partitions": partitions}
            [(fence, planned_first)] = cursor.execute(statement("fenced/take_fence"), planned).fetchall()
            pending = cursor.execute(statement("fenced/pending_partitions"), key).fetchall()
            return StageTry(
                manifest_id=manifest.manifest_id,
                stage=stage,
                fence=fence,
                partitions=planned_first,
                pending=tuple(partition_id for (partition_id,) in pending),
            )

        return self.warehouse.transact(work)

    def stage(self, attempt: StageTry, partition: StagedPartition) -> bool:
        """Stage rows and ledger entry together, once; raise `SupersededError` under an old fence."""
        entry = {
            "manifest_id": attempt.manifest_id,
            "stage": attempt.stage,
            "fence": attempt.fence,
            "partition_id": partition.partition_id,
            "objects": partition.objects,
            "rows": partition.row_count(),
        }

        def work(cursor: Cursor[Row]) -> bool:
            _share_fence(cursor, attempt)
            if not cursor.execute(statement("fenced/claim_partition"), entry).fetchone():
                return False
            for relation, rows in partition.rows.items():
                copy_rows(cursor, f"fenced/copy_{relation}", ((attempt.manifest_id, *row) for row in rows))
            return True

        return self.warehouse.transact(work)

    def complete(self, attempt: StageTry) -> None:
        """Raise `SupersededError` when another try took over, `LandingError` when a partition is not staged."""

        def work(cursor: Cursor[Row]) -> list[Row]:
            _share_fence(cursor, attempt)
            key = {"manifest_id": attempt.manifest_id, "stage": attempt.stage}
            return cursor.execute(statement("fenced/pending_partitions"), key).fetchall()

        if missing := self.warehouse.transact(work):
            raise LandingError(
                f"{attempt.stage} of manifest {attempt.manifest_id}: {len(missing)} of {attempt.partitions} "
                "partitions are not staged. Clear the task: it stages only those."
            )

    def instruments(self, manifest: Manifest) -> list[InstrumentRow]:
        """Read what the extraction staged; raise `LandingError` while it is not complete."""
        [(missing,)] = self.warehouse.fetch("fenced/unstaged_objects", manifest_id=manifest.manifest_id)
        if missing:
            raise LandingError(
                f"{missing} of {manifest.object_count} objects of manifest {manifest.manifest_id} are not staged. "
                "Clear the task extract_instruments first: it stages only those."
            )
        rows = self.warehouse.fetch("fenced/instruments", manifest_id=manifest.manifest_id)
        return [InstrumentRow(*row) for row in rows]

    def publish(self, manifest: Manifest) -> None:
        """Replace what consumers read, all at once; do nothing when that manifest is published already.

        Raises `LandingError` when the ledger does not account for the whole manifest or a newer one is published,
        `SupersededError` when another try publishes.
        """
        attempt = self.begin(manifest, Stage.PUBLISH, partitions=0)
        key = {"manifest_id": manifest.manifest_id}

        def work(cursor: Cursor[Row]) -> None:
            cursor.execute(statement("publication/lock"))
            if _refuse_older(cursor, manifest.manifest_id):
                return
            _share_fence(cursor, attempt)
            cursor.execute(statement("fenced/fence_off"), key)
            _reconcile(cursor, manifest.manifest_id)
            empty_relations(cursor)
            for relation in Relation:
                cursor.execute(statement(f"fenced/fill_{relation}"), key)
            stamp_publication(cursor, manifest.manifest_id)
            for sweep in _SWEEPS:
                cursor.execute(statement(f"fenced/{sweep}"), key)

        self.warehouse.transact(work)


def _share_fence(cursor: Cursor[Row], attempt: StageTry) -> None:
    """Hold the fence until this transaction ends; raise `SupersededError` when it is another try's."""
    key = {"manifest_id": attempt.manifest_id, "stage": attempt.stage}
    row = cursor.execute(statement("fenced/share_fence"), key).fetchone()
    if row != (attempt.fence,):
        holder = f"try {row[0]} holds it" if row else "a newer manifest is published"
        raise SupersededError(
            f"{attempt.stage} of manifest {attempt.manifest_id}: try {attempt.fence} lost the fence, {holder}. "
            "This try can write nothing more, and nothing is left to do for it."
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


def _reconcile(cursor: Cursor[Row], manifest_id: int) -> None:
    """Raise `LandingError` unless the ledger, the staged rows and the manifest agree in every figure."""
    with cursor.connection.cursor(row_factory=dict_row) as reader:
        [row] = reader.execute(statement("fenced/reconcile"), {"manifest_id": manifest_id}).fetchall()
    figures = list(row.items())  # each stands before what it must equal
    wrong = [f"{a}={x} but {b}={y}" for (a, x), (b, y) in zip(figures[::2], figures[1::2], strict=True) if x != y]
    if wrong:
        raise LandingError(
            f"manifest {manifest_id} is not staged completely, so nothing is published: {'; '.join(wrong)}"
        )
