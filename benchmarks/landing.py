"""Landing of similar pairs: neighbours by COPY, staged and published, against rows appended through JDBC.

The same pairs, found beforehand, on two Spark tasks. Ours lands them as they are stored by default, as neighbours of
sets, from which a view spells out the pairs; the clock runs until a publication has reconciled and shown them. JDBC
appends each pair as a row to a table without an index, and nothing guards it. JDBC is bound by one INSERT a row, ours
by writing arrays as text and by PostgreSQL parsing them: a pair of sets stands for many pairs of songs, so that far
fewer bytes travel.
"""

import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyspark.sql import SparkSession

from benchmarks import original
from benchmarks.grounds import JDBC_JAR, WITHOUT_JDBC, database_server, new_warehouse, opened, spark_on
from benchmarks.lines import Line, against, skipped
from benchmarks.measured import Measured, timed
from benchmarks.progress import tell
from benchmarks.scope import Scope
from benchmarks.songs import synthetic_songs
from benchmarks.synthetic_manifest import extracted_manifest
from benchmarks.synthetic_neighbours import scored_partitions
from include.scale.bitmaps import Bitmaps
from include.scale.fenced_landing import FencedLanding
from include.scale.model import Manifest, Stage
from include.scale.publication import verify_publication
from include.scale.scoring import ScoredSets, scored_sets
from include.scale.song_sets import SongSets
from include.scale.spark.partitions import run_partitions
from include.scale.staging import Landing, ScoredPartition, StageTry
from include.scale.warehouse import Warehouse
from include.settings import ScaleSettings

_TASKS = 2
_RUNS = 3


def measure(scope: Scope) -> Iterator[Line]:
    """Land the same pairs every way."""
    what = f"landing the similar pairs of {scope.landed_songs:,} songs"
    songs = synthetic_songs(scope.landed_songs, scope.seed)
    with database_server() as server, spark_on(_TASKS) as spark:
        warehouse = new_warehouse(server)
        _land(spark, warehouse, songs[:1000], runs=1)
        tell(what)
        pairs, ours = _land(spark, warehouse, songs, runs=_RUNS)
        if not JDBC_JAR.exists():
            yield skipped(f"{what}: JDBC", WITHOUT_JDBC)
            return
        appended, tuned = _append(spark, warehouse)
    yield against(f"{what} / JDBC, default settings", ours, appended, at_least=5, note=f"{pairs:,} pairs of songs")
    yield against(f"{what} / JDBC, batch 10,000 + reWriteBatchedInserts", ours, tuned)


def _append(spark: SparkSession, warehouse: Warehouse) -> tuple[Measured, Measured]:
    """Append what consumers read to tables of the original's kind, with default settings and with good ones."""
    rows = original.read(spark, "filepair_similarity_score", warehouse.settings).repartition(_TASKS).cache()
    count = rows.count()
    original.append(rows.limit(100), "warm", warehouse.settings)
    tell(f"JDBC appends {count:,} rows")
    _, default = timed(lambda: original.append(rows, "by_default", warehouse.settings), runs=_RUNS)
    _, tuned = timed(lambda: original.append(rows, "tuned", warehouse.settings, tuned=True), runs=_RUNS)
    rows.unpersist()
    return default.of(count, "pairs"), tuned.of(count, "pairs")


def _land(spark: SparkSession, warehouse: Warehouse, songs: Bitmaps, *, runs: int) -> tuple[int, Measured]:
    """Land and publish; give the pairs of songs that consumers can read then."""
    landing = FencedLanding(warehouse=warehouse)
    manifests = [extracted_manifest(warehouse, songs, f"{len(songs)} songs, {run}") for run in range(runs)]
    sets = landing.song_sets(manifests[0])
    with tempfile.TemporaryDirectory(prefix="benchmark-landing-") as folder:
        partitions = _prepare(Path(folder), scored_sets(sets, manifests[0].min_instruments))
        waiting = iter(manifests)
        _, measured = timed(
            lambda: _land_once(spark, landing, next(waiting), sets, Prepared(folder=Path(folder), files=partitions)),
            runs=runs,
        )
    pairs = verify_publication(warehouse, manifests[-1].manifest_id).pair_rows
    return pairs, measured.of(pairs, "pairs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What there is to land, a pickle for each partition: 0, 1, ... `files` - 1."""

    folder: Path
    files: int

    def read(self, partition_id: int) -> ScoredPartition:
        """Read one partition."""
        partition = pickle.loads((self.folder / str(partition_id)).read_bytes())  # noqa: S301  # written below
        if not isinstance(partition, ScoredPartition):
            raise TypeError(f"{self.folder}/{partition_id} holds a {type(partition).__name__}")
        return partition


@dataclass(frozen=True, slots=True, kw_only=True)
class LandPrepared:
    """Land one partition of what was prepared: a Spark task that does nothing else."""

    attempt: StageTry
    landing: Landing
    prepared: Prepared

    def __call__(self, partition_id: int) -> bool:
        """Tell whether it was new."""
        return self.landing.stage_neighbours(self.attempt, self.prepared.read(partition_id))


def _land_once(
    spark: SparkSession, landing: FencedLanding, manifest: Manifest, sets: SongSets, prepared: Prepared
) -> None:
    attempt = landing.begin(manifest, Stage.SCORE_SIMILARITY, prepared.files)
    work = LandPrepared(attempt=attempt, landing=landing, prepared=prepared)
    plan_sets = partial(landing.plan_sets, attempt, sets)
    run_partitions(opened(spark), "landing", attempt.pending, work, beside=plan_sets)
    landing.complete(attempt)
    landing.publish(manifest)


def _prepare(folder: Path, sets: ScoredSets) -> int:
    """Find the neighbours of all partitions, as many as a stage would have, and keep them in files."""
    partitions = ScaleSettings().score_partitions
    for partition in scored_partitions(sets, partitions):
        (folder / str(partition.partition_id)).write_bytes(pickle.dumps(partition))
    return partitions
