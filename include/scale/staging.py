"""What travels between a stage's driver, its tasks and the warehouse, whichever way rows land."""

from dataclasses import dataclass
from typing import Protocol

from psycopg import Cursor

from include.scale.model import Manifest, Reading, Song, Stage
from include.scale.neighbours import Neighbours
from include.scale.song_sets import SongSets
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTry:
    """One try of one stage: its fence, the stage's partitions 0..`partitions`-1, and those still to do."""

    manifest: Manifest
    stage: Stage
    fence: int
    partitions: int
    pending: tuple[int, ...]

    @property
    def key(self) -> dict[str, object]:
        """What tells the stage apart from others, for statements."""
        return {"manifest_id": self.manifest.manifest_id, "stage": self.stage}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPartition:
    """What one extraction task lands."""

    partition_id: int
    readings: tuple[Reading, ...]

    def relation_rows(self) -> int:
        """Count the rows that consumers will read: one for each instrument of a song, one for each rejection."""
        outcomes = (reading.outcome for reading in self.readings)
        return sum(len(outcome.programs) if isinstance(outcome, Song) else 1 for outcome in outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPartition:
    """What one scoring task lands: the neighbours found from `sets` sets, which stand for `song_pairs` song pairs."""

    partition_id: int
    sets: int
    neighbours: Neighbours
    song_pairs: int


class Landing(Protocol):
    """A way for rows to travel from Spark tasks to the relations that consumers read. Can be pickled."""

    @property
    def warehouse(self) -> Warehouse:
        """Where the rows go, as patient as this way is."""

    def prepare(self, manifest: Manifest) -> None:
        """Make ready, once the manifest is frozen."""

    def begin(self, manifest: Manifest, stage: Stage, partitions: int) -> StageTry:
        """Begin a try of a stage that its first try cuts into so many partitions."""

    def song_sets(self, manifest: Manifest) -> SongSets:
        """Give the distinct sets of what the extraction landed."""

    def plan_sets(self, attempt: StageTry, sets: SongSets) -> None:
        """Land the sets that the tasks of a scoring stage refer to."""

    def stage_readings(self, attempt: StageTry, partition: ReadPartition) -> bool:
        """Land what an extraction task has read; give False when an earlier task had landed it."""

    def stage_neighbours(self, attempt: StageTry, partition: ScoredPartition) -> bool:
        """Land what a scoring task has found; give False when an earlier task had landed it."""

    def complete(self, attempt: StageTry) -> None:
        """End a try; raise `LandingError` when a partition is missing."""

    def publish(self, manifest: Manifest) -> None:
        """Show the manifest's rows to consumers."""


def copy_readings(cursor: Cursor[Row], attempt: StageTry, partition: ReadPartition) -> None:
    """Send readings to their table."""
    with cursor.copy(statement("staging/copy_readings")) as copy:
        for reading in partition.readings:
            copy.write_row(_reading_row(attempt.manifest.manifest_id, partition.partition_id, reading))


def copy_neighbours(cursor: Cursor[Row], attempt: StageTry, partition: ScoredPartition) -> None:
    """Send neighbours to their table."""
    with cursor.copy(statement("staging/copy_neighbours")) as copy:
        copy.write(partition.neighbours.copy_rows(attempt.manifest.manifest_id, partition.partition_id))


def copy_sets(cursor: Cursor[Row], attempt: StageTry, sets: SongSets) -> None:
    """Send distinct sets to their table."""
    with cursor.copy(statement("staging/copy_sets")) as copy:
        copy.write(sets.copy_rows(attempt.manifest.manifest_id))


def flatten(cursor: Cursor[Row], attempt: StageTry, partition_id: int, *relations: str) -> None:
    """Spell the partition's rows out in flat relations."""
    key = {"manifest_id": attempt.manifest.manifest_id, "partition_id": partition_id}
    for relation in relations:
        cursor.execute(statement(f"staging/flatten_{relation}"), key)


def _reading_row(manifest_id: int, partition_id: int, reading: Reading) -> tuple[object, ...]:
    outcome = reading.outcome
    said = (list(outcome.programs), None) if isinstance(outcome, Song) else (None, outcome.reason)
    return (manifest_id, partition_id, reading.key, reading.etag, *said)
