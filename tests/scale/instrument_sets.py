"""Instrument sets for tests, and the brute force that the joins are held against."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from include.scale.bitmaps import PROGRAMS, Bitmaps, from_membership, to_membership
from include.scale.set_pairs import SetPairs

Programs = frozenset[int]

UNTIMED = settings(deadline=None)
"""The first example compiles the kernels."""

# Sets are drawn from few programs as often as from all, for otherwise hardly any two would be alike.
PROGRAM_SETS = st.sampled_from([6, 20, PROGRAMS]).flatmap(
    lambda universe: st.lists(st.frozensets(st.integers(0, universe - 1), max_size=40), max_size=40)
)


def bitmaps_of(sets: Iterable[Programs]) -> Bitmaps:
    members = [[program in programs for program in range(PROGRAMS)] for programs in sets]
    return from_membership(np.array(members, dtype=np.bool_).reshape(-1, PROGRAMS))


def sets_of(bitmaps: Bitmaps) -> list[Programs]:
    return [frozenset(np.flatnonzero(row).tolist()) for row in to_membership(bitmaps)]


def brute_force_pairs(bitmaps: Bitmaps, threshold: Fraction) -> list[tuple[int, int, int]]:
    sets = sets_of(bitmaps)
    return [
        (first, second, len(sets[first] & sets[second]))
        for first, second in combinations(range(len(sets)), 2)
        if sets[first] | sets[second]
        and Fraction(len(sets[first] & sets[second]), len(sets[first] | sets[second])) > threshold
    ]


def listed(chunks: Iterable[SetPairs]) -> list[tuple[int, int, int]]:
    """All pairs of all chunks, sorted; a pair found twice is listed twice."""
    return sorted(
        pair
        for chunk in chunks
        for pair in zip(chunk.first.tolist(), chunk.second.tolist(), chunk.overlap.tolist(), strict=True)
    )
