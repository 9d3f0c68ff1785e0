"""Instrument sets as 128-bit bitmaps: arrays of shape (n, 2), dtype uint64.

General MIDI program p is bit `p % 64` of word `p // 64`, so that the size of an intersection is two ANDs and two
population counts. Many songs share one set, so songs are compared through their *distinct* sets.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

PROGRAMS = 128
"""General MIDI programs, 0 to 127: the universe of every instrument set."""

Bitmaps: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistinctSets:
    """The different sets among some songs.

    `bitmaps` (sets, 2) ascend by size, then by value; `set_of_song` (songs,) is the row in `bitmaps` of each song's
    set.
    """

    bitmaps: Bitmaps
    set_of_song: NDArray[np.int64]


def from_membership(membership: NDArray[np.bool_]) -> Bitmaps:
    """Pack (n, 128) booleans, true where the set holds the program, into (n, 2) bitmaps."""
    octets = np.packbits(np.ascontiguousarray(membership), axis=1, bitorder="little")
    return octets.view("<u8").astype(np.uint64, copy=False)


def to_membership(bitmaps: Bitmaps) -> NDArray[np.bool_]:
    """Unpack (n, 2) bitmaps into (n, 128) booleans."""
    octets = np.ascontiguousarray(bitmaps, dtype="<u8").view(np.uint8)
    return np.unpackbits(octets, axis=1, bitorder="little").astype(np.bool_)


def set_sizes(bitmaps: Bitmaps) -> NDArray[np.int64]:
    """Count the programs of each set: (n, 2) to (n,)."""
    sizes: NDArray[np.int64] = np.bitwise_count(bitmaps).sum(axis=1, dtype=np.int64)
    return sizes


def distinct_sets(bitmaps: Bitmaps) -> DistinctSets:
    """Find the different sets of songs' bitmaps (songs, 2)."""
    order = np.lexsort((bitmaps[:, 0], bitmaps[:, 1], set_sizes(bitmaps)))
    ascending = bitmaps[order]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (ascending[1:] != ascending[:-1]).any(axis=1)
    set_of_song = np.empty(len(order), dtype=np.int64)
    set_of_song[order] = np.cumsum(begins) - 1
    return DistinctSets(bitmaps=ascending[begins], set_of_song=set_of_song)
