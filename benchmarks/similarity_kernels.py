"""Time both similarity joins, and datasketch's own LSH, on synthetic songs: `python -m benchmarks.similarity_kernels`.

One process, one thread, one run. Seconds are the processor's, so that neighbours on the machine disturb them little;
compare them as ratios. Kernels are called once before the clock starts, because their first call compiles or
loads them. Every method goes from distinct sets to verified pairs of sets; finding the distinct sets is timed apart.
datasketch signs in bulk, builds its index, queries it with every set, and its candidates are verified on Python sets;
once with the bands that it chooses itself, once with ours.
"""

import argparse
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from include.scale.bitmaps import PROGRAMS, Bitmaps, distinct_sets, from_membership, set_sizes, to_membership
from include.scale.jaccard import required_overlaps
from include.scale.lsh_join import minhash_pairs
from include.scale.minhash import SCHEME, Bands, choose_bands, signatures
from include.scale.prefix_join import exact_pairs
from include.scale.set_pairs import SetPairs

THRESHOLD = Fraction(1, 2)
SONGS = (2_000, 10_000, 45_000, 178_000)
DATASKETCH_UP_TO = 10_000
DRAWN_AT_ONCE = 20_000

PairKeys = NDArray[np.int64]
"""Pairs of sets as `first * sets + second`."""


class Outcome(NamedTuple):
    """What a method found in how many seconds of CPU."""

    method: str
    keys: PairKeys
    seconds: float


def synthetic_songs(count: int, seed: int) -> Bitmaps:
    """Draw the instrument sets of songs with at least 3 programs: shape (count, 2).

    Sizes are 3 plus a negative binomial: mean 7, percentiles 5, 50, 95, 99 at 3, 6, 13, 17, as of real songs. A song
    belongs to one of 200 styles. A style ranks the programs its own way, though some are popular in most styles, and
    a song draws its programs without replacement with weights rank**-3.2. Of 178,000 songs 94,000 sets are distinct,
    and 0.27 % of all pairs of songs score above 0.5, as measured on real ones.
    """
    generator = np.random.default_rng(seed)
    sizes = np.minimum(3 + generator.poisson(generator.gamma(2.5, 4 / 2.5, count)), 40)
    popularity = generator.random((200, PROGRAMS)) + np.arange(PROGRAMS) / PROGRAMS
    log_weights = -3.2 * np.log1p(np.argsort(np.argsort(popularity, axis=1), axis=1))
    styles = generator.integers(0, len(log_weights), count)
    blocks = [slice(start, start + DRAWN_AT_ONCE) for start in range(0, count, DRAWN_AT_ONCE)]
    return np.concatenate([_draw(log_weights[styles[block]], sizes[block], generator) for block in blocks])


def _draw(log_weights: NDArray[np.float64], sizes: NDArray[np.int64], generator: np.random.Generator) -> Bitmaps:
    """Draw without replacement by the Gumbel-max trick: the largest perturbed log-weights win."""
    perturbed = log_weights + generator.gumbel(size=log_weights.shape)
    rank = np.argsort(np.argsort(-perturbed, axis=1), axis=1)
    return from_membership(rank < sizes[:, np.newaxis])


def share_above(bitmaps: Bitmaps, generator: np.random.Generator, draws: int = 1_000_000) -> float:
    """Estimate the share of random pairs of songs that score above the threshold."""
    first, second = bitmaps[generator.integers(0, len(bitmaps), (2, draws))]
    sums = set_sizes(first) + set_sizes(second)
    return float(np.mean(set_sizes(first & second) >= required_overlaps(THRESHOLD)[sums]))


def keys_of(chunks: Iterable[SetPairs], sets: int) -> PairKeys:
    """Collect all pairs of a join."""
    keys = [chunk.first.astype(np.int64) * sets + chunk.second for chunk in chunks]
    return np.concatenate([np.empty(0, dtype=np.int64), *keys])


def datasketch_pairs(bitmaps: Bitmaps, index: MinHashLSH) -> PairKeys:
    """Join with datasketch alone."""
    sets = [frozenset(np.flatnonzero(row).tolist()) for row in to_membership(bitmaps)]
    tokens = [[str(program).encode() for program in programs] for programs in sets]
    minhashes = MinHash.bulk(tokens, num_perm=index.h, scheme=SCHEME)
    for row, minhash in enumerate(minhashes):
        index.insert(row, minhash, check_duplication=False)
    return np.array(list(_verified(sets, minhashes, index)), dtype=np.int64)


def _verified(sets: list[frozenset[int]], minhashes: list[MinHash], index: MinHashLSH) -> Iterator[int]:
    for row, minhash in enumerate(minhashes):
        for other in index.query(minhash):
            overlap = len(sets[row] & sets[other])
            if row < other and 3 * overlap > len(sets[row]) + len(sets[other]):
                yield row * len(sets) + other


def timed(method: str, find: Callable[[], PairKeys]) -> Outcome:
    """Run a method once."""
    start = time.process_time()
    keys = find()
    return Outcome(method, keys, time.process_time() - start)


def join_all_ways(bitmaps: Bitmaps, bands: Bands, *, with_datasketch: bool) -> list[Outcome]:
    """Join distinct sets with every method; the first outcome is the exact one."""
    sets = len(bitmaps)
    outcomes = [
        timed("exact", lambda: keys_of(exact_pairs(bitmaps, THRESHOLD), sets)),
        timed("minhash", lambda: keys_of(minhash_pairs(bitmaps, THRESHOLD, bands), sets)),
    ]
    if with_datasketch:
        own = MinHashLSH(threshold=float(THRESHOLD), num_perm=128)
        ours = MinHashLSH(num_perm=bands.num_perm, params=(bands.bands, bands.rows))
        outcomes += [
            timed(f"datasketch, its {own.b} x {own.r}", lambda: datasketch_pairs(bitmaps, own)),
            timed("datasketch, our bands", lambda: datasketch_pairs(bitmaps, ours)),
        ]
    return outcomes


def add_rows(table: Table, songs: int, sets: int, outcomes: list[Outcome]) -> None:
    """Add a row per method, each held against the exact pairs and, where it ran, datasketch with its own bands."""
    exact = outcomes[0].keys
    reference = outcomes[2].seconds if len(outcomes) > 2 else None  # noqa: PLR2004
    for outcome in outcomes:
        table.add_row(
            f"{songs:,}",
            f"{sets:,}",
            f"{len(outcome.keys):,}",
            outcome.method,
            f"{outcome.seconds:.3f}",
            f"{np.isin(exact, outcome.keys).mean():.6f}",
            f"{np.isin(outcome.keys, exact).mean():.6f}",
            f"{reference / outcome.seconds:,.1f}x" if reference else "",
        )


def measure(console: Console, table: Table, songs: int, seed: int) -> None:
    """Draw songs, say what they are like, and join them."""
    bitmaps = synthetic_songs(songs, seed)
    sizes = set_sizes(bitmaps)
    start = time.process_time()
    sets = distinct_sets(bitmaps).bitmaps
    seconds = time.process_time() - start
    bands = choose_bands(THRESHOLD, int(sizes.max()))
    console.print(
        f"{songs:,} songs: {sizes.mean():.1f} programs on average, percentiles 5, 50, 95, 99: "
        f"{np.percentile(sizes, [5, 50, 95, 99]).astype(int).tolist()}, largest {sizes.max()}; "
        f"{share_above(bitmaps, np.random.default_rng(seed)):.2%} of song pairs above {float(THRESHOLD)}; "
        f"distinct sets found in {seconds:.3f} s; {signatures_per_second(sets, bands):,.0f} signatures/s; "
        f"{bands.bands} bands of {bands.rows}: expected recall {bands.expected_recall:.6f} at {bands.lowest_score}"
    )
    add_rows(table, songs, len(sets), join_all_ways(sets, bands, with_datasketch=songs <= DATASKETCH_UP_TO))


def signatures_per_second(sets: Bitmaps, bands: Bands) -> float:
    """Time signing of up to 50,000 sets."""
    some = sets[:50_000]
    start = time.process_time()
    signatures(some, num_perm=bands.num_perm)
    return len(some) / (time.process_time() - start)


def main() -> None:
    """Measure each size of corpus and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, nargs="+", default=SONGS)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    console = Console(width=140)
    table = Table("songs", "distinct sets", "set pairs", "method", "CPU s", "recall", "precision", "vs datasketch")
    warm_up = distinct_sets(synthetic_songs(100, arguments.seed)).bitmaps
    join_all_ways(warm_up, choose_bands(THRESHOLD, PROGRAMS), with_datasketch=True)
    for songs in arguments.songs:
        measure(console, table, songs, arguments.seed)
    console.print(table)
    console.print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, with the benchmark's"
    )


if __name__ == "__main__":
    main()
