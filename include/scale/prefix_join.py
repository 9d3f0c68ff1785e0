"""Every pair of sets above a threshold: a prefix- and size-filtered join of bitmaps.

Put the tokens (programs) of every set in one order, the rarest first. Two sets that share at least o tokens share one
among the first |A| - o + 1 of A and the first |B| - o + 1 of B, for behind those prefixes only o - 1 tokens are left.
So it is enough to post each set under the tokens of its prefix, look up the prefix of every other, and verify what
meets (Chaudhuri, Ganti, Kaushik 2006; Bayardo, Ma, Srikant 2007, "Scaling up all pairs similarity search"). A pair
meets through its rarest shared token only, so it is found once.
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from include.scale.bitmaps import PROGRAMS, Bitmaps, from_membership, to_membership
from include.scale.set_pairs import CHUNK_PAIRS, SetJoin, SetPairs, in_chunks, order_sets
from include.scale.similarity_kernels import OrderedSets, PairBuffer, Postings, prefix_pairs


def exact_pairs(bitmaps: Bitmaps, threshold: Fraction, *, chunk_pairs: int = CHUNK_PAIRS) -> Iterator[SetPairs]:
    """Give all pairs of rows that score strictly above the threshold; `bitmaps` (n, 2) ascend by size."""
    return exact_join(bitmaps, threshold, chunk_pairs=chunk_pairs)(range(len(bitmaps)))


def exact_join(
    bitmaps: Bitmaps, threshold: Fraction, *, both_ways: bool = False, chunk_pairs: int = CHUNK_PAIRS
) -> SetJoin:
    """Index sets, so that the join gives all pairs above the threshold whose first row is among its probes.

    `bitmaps` (n, 2) ascend by size, as `distinct_sets` gives them. Workers that share a join take interleaved probes,
    `range(worker, n, workers)`, because small sets have more larger ones to meet. `both_ways` gives every pair twice,
    once from each of its rows.
    """
    sets = order_sets(_rarest_first(bitmaps), threshold, both_ways=both_ways)
    larger, smaller = _post_prefixes(sets)

    def find_pairs(some_probes: tuple[int, int, int], buffer: PairBuffer) -> tuple[int, int]:
        return prefix_pairs(sets, larger, smaller, some_probes, buffer)

    return lambda probes: in_chunks(find_pairs, probes, len(bitmaps), chunk_pairs)


def _rarest_first(bitmaps: Bitmaps) -> Bitmaps:
    """Renumber the tokens by how many sets hold them: sizes and overlaps stay what they are."""
    membership = to_membership(bitmaps)
    return from_membership(membership[:, np.argsort(membership.sum(axis=0), kind="stable")])


def _post_prefixes(sets: OrderedSets) -> tuple[Postings, Postings]:
    """Post every set twice: where smaller sets, or those of its own size, look for it, and where larger ones do."""
    sizes = sets.sizes.astype(np.int64)
    met_by_smaller = sizes - _least_overlaps(sets.required)[sizes]
    met_by_larger = sizes - sets.required[2 * sizes]  # a larger set shares no less than one of the same size must
    return (
        _post(sets, depth=met_by_smaller, reach=met_by_larger),
        _post(sets, depth=met_by_larger, reach=met_by_smaller),
    )


def _post(sets: OrderedSets, *, depth: NDArray[np.int64], reach: NDArray[np.int64]) -> Postings:
    """Post every set under its tokens up to position `depth`."""
    membership = to_membership(sets.bitmaps)
    position = np.cumsum(membership, axis=1, dtype=np.uint8) - 1
    tokens, rows = np.nonzero((membership & (position <= depth[:, np.newaxis])).T)
    return Postings(
        starts=np.searchsorted(tokens, np.arange(PROGRAMS + 1)),
        rows=rows.astype(np.uint32),
        bitmaps=sets.bitmaps[rows],
        sizes=sets.sizes[rows],
        reach=reach,
    )


def _least_overlaps(required: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the least overlap of a set with any set not larger that it can pair with, by its size."""
    return np.array([_least_overlap(required, size) for size in range(PROGRAMS + 1)], dtype=np.int64)


def _least_overlap(required: NDArray[np.int64], size: int) -> int:
    overlaps = ((smaller, int(required[smaller + size])) for smaller in range(size + 1))
    return min((overlap for smaller, overlap in overlaps if overlap <= smaller), default=size + 1)
