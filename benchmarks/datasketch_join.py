"""A join by datasketch's own index, the library that most would take."""

from collections.abc import Iterator

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from include.scale.bitmaps import Bitmaps, to_membership
from include.scale.minhash import SCHEME

NUM_PERM = 128
"""datasketch's default; at a threshold of 0.5 it then chooses 25 bands of 5."""


def datasketch_pairs(bitmaps: Bitmaps) -> NDArray[np.int64]:
    """Sign in bulk, index, query with every set, verify on Python sets; a pair is `first * sets + second`."""
    index = MinHashLSH(threshold=0.5, num_perm=NUM_PERM)
    sets = [frozenset(np.flatnonzero(row).tolist()) for row in to_membership(bitmaps)]
    tokens = [[str(program).encode() for program in programs] for programs in sets]
    minhashes = MinHash.bulk(tokens, num_perm=NUM_PERM, scheme=SCHEME)
    for row, minhash in enumerate(minhashes):
        index.insert(row, minhash, check_duplication=False)
    return np.array(list(_verified(sets, minhashes, index)), dtype=np.int64)


def _verified(sets: list[frozenset[int]], minhashes: list[MinHash], index: MinHashLSH) -> Iterator[int]:
    for row, minhash in enumerate(minhashes):
        for other in index.query(minhash):
            overlap = len(sets[row] & sets[other])
            if row < other and 3 * overlap > len(sets[row]) + len(sets[other]):
                yield row * len(sets) + other
