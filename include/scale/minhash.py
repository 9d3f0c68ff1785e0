"""MinHash signatures of instrument sets, and how to cut them into bands.

A signature holds, for each of `num_perm` random permutations, the smallest hash of the set's tokens; two sets agree
on one with probability J, their Jaccard index (Broder 1997, "On the resemblance and containment of documents"). Cut
into b bands of r rows, two sets agree on some whole band with probability 1 - (1 - J**r)**b, the S-curve of Leskovec,
Rajaraman and Ullman, "Mining of Massive Datasets", section 3.4.2.

A program's token is its decimal text (`b"0"` to `b"127"`). Signatures are those of `datasketch.MinHash(num_perm, seed,
scheme="affine32")`: the default of datasketch 2, in half the memory of its `legacy` scheme, and free of that scheme's
collisions. Values written by datasketch 1 are `legacy` and cannot be compared with these.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import count, takewhile
from typing import Final

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from include.scale.bitmaps import PROGRAMS, Bitmaps
from include.scale.jaccard import lowest_score_above
from include.scale.similarity_kernels import minimum_signatures

SCHEME: Final = "affine32"
SEED = 1
"""datasketch's own default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """`bands` bands of `rows` rows, with the recall they give at `lowest_score`, the hardest pair to find."""

    bands: int
    rows: int
    lowest_score: Fraction
    expected_recall: float

    @property
    def num_perm(self) -> int:
        """Length of the signature."""
        return self.bands * self.rows


def signatures(bitmaps: Bitmaps, *, num_perm: int, seed: int = SEED) -> NDArray[np.uint32]:
    """Sign sets (n, 2): shape (n, num_perm). The empty set's signature is all ones, as datasketch's is."""
    signed = np.full((len(bitmaps), num_perm), np.iinfo(np.uint32).max, dtype=np.uint32)
    minimum_signatures(bitmaps, _token_signatures(num_perm, seed), signed)
    return signed


@lru_cache(maxsize=4)
def _token_signatures(num_perm: int, seed: int) -> NDArray[np.uint32]:
    """Sign each token alone: shape (128, num_perm). A set's signature is the minimum of its tokens'."""
    tokens = [[str(program).encode()] for program in range(PROGRAMS)]
    return np.array([m.hashvalues for m in MinHash.generator(tokens, num_perm=num_perm, seed=seed, scheme=SCHEME)])


def expected_recall(score: float, *, bands: int, rows: int) -> float:
    """Give the probability 1 - (1 - score**rows)**bands that two sets of this score share a band."""
    return 1.0 - (1.0 - score**rows) ** bands


def choose_bands(
    threshold: Fraction, largest_set: int, *, recall: float = 0.9999, longest_signature: int = 640
) -> Bands:
    """Choose the bands that find any pair above the threshold with probability `recall` or more.

    More rows a band mean fewer false candidates and, for the same recall, a longer signature: the most rows are taken
    whose signature is within `longest_signature`, or else one row. `largest_set` is the size of the largest set to be
    joined.
    """
    score = lowest_score_above(threshold, largest_set)
    options = (_bands_of(rows, score, recall) for rows in count(1))
    *_, chosen = [_bands_of(1, score, recall), *takewhile(lambda bands: bands.num_perm <= longest_signature, options)]
    return chosen


def _bands_of(rows: int, score: Fraction, recall: float) -> Bands:
    """Take as few bands of `rows` rows as reach the recall at `score`."""
    agreement = float(score) ** rows
    bands = 1 if agreement == 1.0 else math.ceil(math.log1p(-recall) / math.log1p(-agreement))
    while expected_recall(float(score), bands=bands, rows=rows) < recall:  # the quotient of logarithms is rounded
        bands += 1
    return Bands(
        bands=bands,
        rows=rows,
        lowest_score=score,
        expected_recall=expected_recall(float(score), bands=bands, rows=rows),
    )
