"""Which songs are alike: distinct instrument sets as bitmaps, compared exactly, then spelled out as pairs of songs.

The score of two sets is Jaccard's `|A and B| / |A or B|`. Whether a pair is kept is decided in integers; the score is
the nearest double. At a threshold of 0.5 or more it is also bit for bit `1 - d` of the original's stored distance
`d = 1 - inter/union`: both subtractions are exact there (Sterbenz's lemma).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from include.scale.model import InstrumentRow, SimilarPair

Bitmaps = npt.NDArray[np.uint64]  # (sets, 2): programs 0..63 in word 0, 64..127 in word 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SongSets:
    """The distinct instrument sets of a corpus, in ascending order, and the songs that have each."""

    bitmaps: Bitmaps
    filenames: tuple[tuple[str, ...], ...]


def group_songs(rows: Iterable[InstrumentRow], min_instruments: int) -> SongSets:
    """Group songs with at least so many instruments by their sets; duplicate rows change nothing."""
    bits: dict[str, int] = {}
    for filename, program in rows:
        bits[filename] = bits.get(filename, 0) | 1 << program
    songs: dict[int, list[str]] = {}
    for filename in sorted(bits):
        if bits[filename].bit_count() >= min_instruments:
            songs.setdefault(bits[filename], []).append(filename)
    words = [(value & (1 << 64) - 1, value >> 64) for value in sorted(songs)]
    return SongSets(
        bitmaps=np.array(words, dtype=np.uint64).reshape(-1, 2),
        filenames=tuple(tuple(songs[value]) for value in sorted(songs)),
    )


def similar_pairs(sets: SongSets, start: int, stop: int, threshold: Fraction) -> Iterator[SimilarPair]:
    """Give the song pairs above the threshold whose sets are one in [start, stop) and the same or a later one.

    The ranges of a partitioning give each pair of songs exactly once. Needs `threshold` < 1.
    """
    for first in range(start, stop):
        for songs in combinations(sets.filenames[first], 2):
            yield SimilarPair(*songs, 1.0)
        for second, score in similar_sets(sets.bitmaps, first, threshold):
            for songs in product(sets.filenames[first], sets.filenames[second]):
                yield SimilarPair(min(songs), max(songs), score)


def similar_sets(bitmaps: Bitmaps, first: int, threshold: Fraction) -> Iterator[tuple[int, float]]:
    """Give the later sets whose score with the set `first` is above the threshold, with the score."""
    later = bitmaps[first + 1 :]
    shared = np.bitwise_count(later & bitmaps[first]).sum(axis=1, dtype=np.int64)
    union = np.bitwise_count(later | bitmaps[first]).sum(axis=1, dtype=np.int64)
    (found,) = np.nonzero(shared * threshold.denominator > union * threshold.numerator)
    yield from zip((found + first + 1).tolist(), (shared[found] / union[found]).tolist(), strict=True)
