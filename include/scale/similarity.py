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

from include.scale.bitmaps import Bitmaps, set_sizes
from include.scale.model import InstrumentRow, SimilarPair
from include.scale.prefix_join import exact_pairs
from include.scale.set_pairs import SetPairs


@dataclass(frozen=True, slots=True, kw_only=True)
class SongSets:
    """The distinct instrument sets of a corpus, in ascending order of size, and the songs that have each."""

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
    ascending = sorted(songs, key=lambda value: (value.bit_count(), value))
    words = [(value & (1 << 64) - 1, value >> 64) for value in ascending]
    return SongSets(
        bitmaps=np.array(words, dtype=np.uint64).reshape(-1, 2),
        filenames=tuple(tuple(songs[value]) for value in ascending),
    )


def similar_pairs(sets: SongSets, start: int, stop: int, threshold: Fraction) -> Iterator[SimilarPair]:
    """Give the song pairs above the threshold whose sets are one in [start, stop) and the same or a later one.

    The ranges of a partitioning give each pair of songs exactly once. Needs `threshold` < 1.
    """
    for first in range(start, stop):
        for songs in combinations(sets.filenames[first], 2):
            yield SimilarPair(*songs, 1.0)
    for pairs in exact_pairs(sets.bitmaps, threshold, probes=range(start, stop)):
        yield from _spell_out(sets, pairs)


def _spell_out(sets: SongSets, pairs: SetPairs) -> Iterator[SimilarPair]:
    """Give every pair of songs that have the paired sets, with the sets' score."""
    sizes = set_sizes(sets.bitmaps)
    overlaps = pairs.overlap.astype(np.int64)
    scores = overlaps / (sizes[pairs.first] + sizes[pairs.second] - overlaps)
    for first, second, score in zip(pairs.first.tolist(), pairs.second.tolist(), scores.tolist(), strict=True):
        for songs in product(sets.filenames[first], sets.filenames[second]):
            yield SimilarPair(min(songs), max(songs), score)
