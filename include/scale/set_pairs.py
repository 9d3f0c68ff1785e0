"""What both similarity joins share: sets in order of size, and pairs in chunks of bounded size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from include.scale.bitmaps import PROGRAMS, Bitmaps, set_sizes
from include.scale.jaccard import required_overlaps
from include.scale.similarity_kernels import OrderedSets, PairBuffer

CHUNK_PAIRS = 1_000_000
"""Pairs after which a chunk is given out: 9 MB."""

FindPairs: TypeAlias = Callable[[tuple[int, int, int], PairBuffer], tuple[int, int]]
"""Writes the pairs of probes (start, stop, step) until the buffer may be full; returns (next probe, pairs written)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPairs:
    """Pairs of rows, each with |A and B|; three arrays of one length. `first < second`, unless joined both ways."""

    first: NDArray[np.uint32]
    second: NDArray[np.uint32]
    overlap: NDArray[np.uint8]


SetJoin: TypeAlias = Callable[[range], Iterator[SetPairs]]
"""Gives the pairs whose first row is among the probes."""


def order_sets(bitmaps: Bitmaps, threshold: Fraction, *, both_ways: bool) -> OrderedSets:
    """Prepare sets (n, 2) for a join above the threshold; raise `ValueError` unless they ascend by size.

    `distinct_sets` gives them in that order. Sets meet those after them, or `both_ways` those before them too.
    """
    sizes = set_sizes(bitmaps)
    if np.any(sizes[1:] < sizes[:-1]):
        raise ValueError("a similarity join expects sets in ascending order of size, as distinct_sets gives them")
    required = required_overlaps(threshold)
    limits = np.searchsorted(sizes, _largest_partners(required)[sizes], side="right")
    after = np.arange(1, len(sizes) + 1)
    floors = np.searchsorted(sizes, _smallest_partners(required)[sizes]) if both_ways else after
    return OrderedSets(
        bitmaps=np.ascontiguousarray(bitmaps),
        sizes=sizes.astype(np.uint8),
        floors=floors.astype(np.uint32),
        limits=limits.astype(np.uint32),
        required=required,
    )


def _largest_partners(required: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the size of the largest set that a set can pair with, by its size: its own tokens are all they can share."""
    partners = np.arange(PROGRAMS + 1)
    return np.array([np.sum(required[size + partners] <= size) - 1 for size in partners], dtype=np.int64)


def _smallest_partners(required: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the size of the smallest set that a set can pair with, by its size: it must hold what they share."""
    partners = np.arange(PROGRAMS + 1)
    return np.array([np.sum(required[size + partners] > partners) for size in partners], dtype=np.int64)


def in_chunks(find_pairs: FindPairs, probes: range, sets: int, chunk_pairs: int) -> Iterator[SetPairs]:
    """Run a kernel over the probes and give its pairs in chunks of at most `chunk_pairs` plus the number of sets.

    Raises `ValueError` for probes that are no rows: the compiled code checks no bounds.
    """
    if probes and not 0 <= min(probes) <= max(probes) < sets:
        raise ValueError(f"probes {probes} of {sets} sets")
    buffer = _pair_buffer(chunk_pairs + sets)
    probe = probes.start
    while probe < probes.stop:
        probe, count = find_pairs((probe, probes.stop, probes.step), buffer)
        if count:
            yield SetPairs(**{name: column[:count].copy() for name, column in buffer._asdict().items()})


def _pair_buffer(length: int) -> PairBuffer:
    return PairBuffer(
        first=np.empty(length, dtype=np.uint32),
        second=np.empty(length, dtype=np.uint32),
        overlap=np.empty(length, dtype=np.uint8),
    )
