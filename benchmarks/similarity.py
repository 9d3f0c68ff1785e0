"""Pairs of songs: our joins and our whole Spark stage against MLlib's join and datasketch's index.

Synthetic songs with the sizes and the likeness of real ones; all sides get the same. A kernel goes from the songs'
bitmaps to the verified pairs of distinct sets, in one thread. MLlib's `approxSimilarityJoin` goes from cached vectors
to the pairs of songs, with 10 tables; our whole stage reads the songs from the warehouse, joins, holds minhash against
the exact join, and stages the neighbours there. Both run in one warm session of one core (`local[1]`). datasketch goes
from the distinct sets to their verified pairs.

MLlib is bound by the candidates of its ten tables, most of all pairs, which it shuffles as rows. The exact kernel is
bound by reading postings from memory, the minhash kernel by the candidates of its bands, our stage by COPY into the
warehouse and, with few songs, by the half second or so that starting a Spark job and a few transactions take.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession

from benchmarks import original
from benchmarks.datasketch_join import datasketch_pairs
from benchmarks.grounds import database_server, new_warehouse, opened, spark_on
from benchmarks.lines import Line, against, alone, memory, share
from benchmarks.measured import Measured, timed
from benchmarks.progress import tell
from benchmarks.scope import Scope
from benchmarks.songs import song_name, synthetic_songs
from benchmarks.synthetic_manifest import extracted_manifest
from benchmarks.worker_memory import watched_workers
from include.scale.bitmaps import Bitmaps, distinct_sets, set_sizes
from include.scale.lsh_join import minhash_pairs
from include.scale.minhash import choose_bands
from include.scale.prefix_join import exact_pairs
from include.scale.scanner import programs_of
from include.scale.set_pairs import SetPairs
from include.scale.spark.stages import score_similarity
from include.scale.warehouse import Warehouse
from include.settings import ScaleSettings

THRESHOLD = Fraction(1, 2)
_RUNS = 3
_WARM_SONGS = 300

PairKeys = NDArray[np.int64]
"""Pairs of distinct sets as `first * sets + second`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernels:
    """What both kernels took, how many pairs of sets there are and how many of them minhash found."""

    exact: Measured
    minhash: Measured
    sets: Bitmaps
    set_pairs: PairKeys
    minhash_recall: float


def measure(scope: Scope) -> Iterator[Line]:
    """Compare at each size, then run ours alone."""
    with ExitStack() as stack:
        server = stack.enter_context(database_server())
        spark, opening = timed(lambda: stack.enter_context(spark_on(1)))
        warehouse = new_warehouse(server)
        yield alone("start-up: JVM and session, for both sides", opening)
        yield _warm(spark, warehouse, scope)
        for songs in scope.compared_songs:
            mllib = yield from _compare(spark, warehouse, songs, scope)
        for songs in scope.larger_songs:
            yield from _run_alone(spark, warehouse, songs, scope, mllib)


def _warm(spark: SparkSession, warehouse: Warehouse, scope: Scope) -> Line:
    """Run everything once on a few songs: compile, load, start workers."""
    bitmaps = synthetic_songs(_WARM_SONGS, scope.seed)
    run_kernels(bitmaps)
    datasketch_pairs(distinct_sets(bitmaps).bitmaps)
    _, ours = timed(lambda: _stage(spark, warehouse, bitmaps, "warm", runs=1))
    _, theirs = timed(lambda: original.similar_pairs(_vectors(spark, bitmaps)).toArrow())
    return against(f"start-up: the first jobs, of {_WARM_SONGS} songs", ours, theirs)


def _compare(spark: SparkSession, warehouse: Warehouse, songs: int, scope: Scope) -> Generator[Line, None, Measured]:
    """Join the same songs all ways; return MLlib's time."""
    tell(f"{songs:,} songs: our kernels, datasketch, our Spark stage")
    last = songs == scope.compared_songs[-1]
    bitmaps = synthetic_songs(songs, scope.seed)
    kernels = run_kernels(bitmaps)
    found, datasketch = timed(lambda: datasketch_pairs(kernels.sets))
    stage = _stage(spark, warehouse, bitmaps, f"{songs} songs", runs=_RUNS)
    tell(f"{songs:,} songs: MLlib's join")
    vectors = _vectors(spark, bitmaps)
    pairs, mllib = timed(lambda: original.similar_pairs(vectors).toArrow())
    vectors.unpersist()
    there_are = count_song_pairs(bitmaps, kernels.set_pairs)
    kernel_target, stage_target = (300, 40) if last else (None, None)
    what = f"{songs:,} songs"
    yield against(f"{what}: exact kernel / MLlib's join", kernels.exact, mllib, at_least=kernel_target)
    yield against(f"{what}: minhash kernel / MLlib's join", kernels.minhash, mllib, at_least=kernel_target)
    yield against(
        f"{what}: whole Spark stage, warm / MLlib's join",
        stage,
        mllib,
        at_least=stage_target,
        note="the default method, minhash, with its check against exact",
    )
    yield against(f"{what}: exact kernel / datasketch's index", kernels.exact, datasketch)
    yield against(f"{what}: minhash kernel / datasketch's index", kernels.minhash, datasketch)
    yield _recall(what, kernels, pairs.num_rows / there_are, "MLlib")
    yield share(
        f"{what}: recall of exact / datasketch",
        1.0,
        float(np.isin(kernels.set_pairs, found).mean()),
        note=f"datasketch's own bands; {there_are:,} pairs of songs in all",
    )
    return mllib


def _run_alone(spark: SparkSession, warehouse: Warehouse, songs: int, scope: Scope, mllib: Measured) -> Iterator[Line]:
    """Join more songs than MLlib can, and hold the whole stage against its largest join."""
    tell(f"{songs:,} songs: ours alone")
    largest = songs == scope.larger_songs[-1]
    bitmaps = synthetic_songs(songs, scope.seed)
    kernels = run_kernels(bitmaps)
    with watched_workers() as peak:
        stage = _stage(spark, warehouse, bitmaps, f"{songs} songs", runs=1)
    what = f"{songs:,} songs"
    there_are = count_song_pairs(bitmaps, kernels.set_pairs)
    yield alone(f"{what}: exact kernel", kernels.exact, note=f"{len(kernels.sets):,} distinct sets")
    yield alone(f"{what}: minhash kernel", kernels.minhash, note=f"{there_are:,} pairs of songs")
    yield _recall(what, kernels)
    yield against(
        f"{what}: whole Spark stage, warm / MLlib's join of {scope.compared_songs[-1]:,}",
        stage,
        mllib,
        at_least=1 if largest else None,
        note=f"{len(kernels.set_pairs):,} pairs of sets staged",
    )
    yield memory(f"{what}: largest Python worker", peak.octets, below_mib=1024 if largest else None)


def _recall(what: str, kernels: Kernels, theirs: float | None = None, library: str = "") -> Line:
    bands = choose_bands(THRESHOLD, int(set_sizes(kernels.sets).max()))
    return share(
        f"{what}: recall of minhash{f' / {library}' if library else ''}",
        kernels.minhash_recall,
        theirs,
        at_least=0.9999,
        note=f"{bands.bands} bands of {bands.rows}: {bands.expected_recall:.6f} expected at J = {bands.lowest_score}",
    )


def run_kernels(songs: Bitmaps) -> Kernels:
    """Run both kernels."""
    sets = distinct_sets(songs).bitmaps
    by_exact, exact = timed(lambda: _join_exactly(songs), runs=_RUNS)
    by_minhash, minhash = timed(lambda: _join_by_minhash(songs), runs=_RUNS)
    return Kernels(
        exact=exact,
        minhash=minhash,
        sets=sets,
        set_pairs=by_exact,
        minhash_recall=float(np.isin(by_exact, by_minhash).mean()),
    )


def _join_exactly(songs: Bitmaps) -> PairKeys:
    sets = distinct_sets(songs).bitmaps
    return _keys_of(exact_pairs(sets, THRESHOLD), len(sets))


def _join_by_minhash(songs: Bitmaps) -> PairKeys:
    sets = distinct_sets(songs).bitmaps
    bands = choose_bands(THRESHOLD, int(set_sizes(sets).max()))
    return _keys_of(minhash_pairs(sets, THRESHOLD, bands), len(sets))


def _keys_of(chunks: Iterable[SetPairs], sets: int) -> PairKeys:
    keys = [chunk.first.astype(np.int64) * sets + chunk.second for chunk in chunks]
    return np.concatenate([np.empty(0, dtype=np.int64), *keys])


def count_song_pairs(songs: Bitmaps, set_pairs: PairKeys) -> int:
    """Count the pairs of songs for which pairs of distinct sets stand, and those that share a set."""
    distinct = distinct_sets(songs)
    with_set = np.bincount(distinct.set_of_song)
    first, second = np.divmod(set_pairs, len(distinct.bitmaps))
    return int((with_set[first] * with_set[second]).sum() + (with_set * (with_set - 1) // 2).sum())


def _stage(spark: SparkSession, warehouse: Warehouse, songs: Bitmaps, name: str, *, runs: int) -> Measured:
    """Time the whole stage, each run on a manifest of its own."""
    manifests = iter([extracted_manifest(warehouse, songs, f"{name}, {run}") for run in range(runs)])
    settings = ScaleSettings()
    stage, measured = timed(
        lambda: list(score_similarity(opened(spark), warehouse, next(manifests), settings)), runs=runs
    )
    for line in stage:
        tell(f"  {line}")
    return measured


def _vectors(spark: SparkSession, songs: Bitmaps) -> DataFrame:
    """Give the songs to MLlib as it wants them, cached."""
    rows = [(song_name(row), program) for row in range(len(songs)) for program in sorted(programs_of(songs[row]))]
    vectors = original.vectors_frame(original.instruments_frame(spark, rows)).cache()
    vectors.count()
    return vectors
