"""The distinct instrument sets of a corpus, numbered by ascending size."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from include.scale.bitmaps import PROGRAMS, Bitmaps, from_membership, to_membership
from include.scale.copy_binary import Width, arrays, bit_strings, copy_rows, integers, same


@dataclass(frozen=True, kw_only=True)
class SongSets:
    """Distinct sets in ascending order of size, then of content: a set's place is its number.

    `programs`: the sets, each ascending. `songs` (sets,): how many songs have each.
    """

    programs: tuple[tuple[int, ...], ...]
    songs: NDArray[np.int64]

    @cached_property
    def bitmaps(self) -> Bitmaps:
        """The sets as bitmaps (sets, 2)."""
        membership = np.zeros((len(self.programs), PROGRAMS), dtype=np.bool_)
        rows = np.repeat(np.arange(len(self.programs)), [len(programs) for programs in self.programs])
        membership[rows, [program for programs in self.programs for program in programs]] = True
        return from_membership(membership)

    def first_of_size(self, size: int) -> int:
        """Find the first set with at least so many programs; the number of sets if there is none."""
        return int(np.searchsorted([len(programs) for programs in self.programs], size))

    def copy_rows(self, manifest_id: int) -> bytes:
        """Spell the sets out for COPY: manifest, number, programs, bitmap, songs."""
        sizes = [len(programs) for programs in self.programs]
        members = np.fromiter(chain.from_iterable(self.programs), np.int64, sum(sizes))
        return copy_rows(
            same(manifest_id, Width.INT8, len(sizes)),
            integers(np.arange(len(sizes)), Width.INT4),
            arrays(members, np.cumsum([0, *sizes]), Width.INT2),
            bit_strings(to_membership(self.bitmaps)),
            integers(self.songs, Width.INT8),
        )


def order_song_sets(rows: Iterable[tuple[Iterable[int], int]]) -> SongSets:
    """Order distinct sets that are given with their numbers of songs."""
    ascending = sorted(((tuple(programs), songs) for programs, songs in rows), key=lambda row: (len(row[0]), row[0]))
    return SongSets(
        programs=tuple(programs for programs, _ in ascending),
        songs=np.array([songs for _, songs in ascending], dtype=np.int64),
    )
