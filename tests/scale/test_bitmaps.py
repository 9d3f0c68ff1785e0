"""Sets as bitmaps."""

import numpy as np
from hypothesis import given

from include.scale.bitmaps import distinct_sets, set_sizes
from tests.scale.instrument_sets import PROGRAM_SETS, Programs, bitmaps_of, sets_of


def test_a_program_is_a_bit_of_its_word() -> None:
    """Program p is bit p % 64 of word p // 64, on any machine."""
    bitmaps = bitmaps_of([frozenset({0, 63}), frozenset({64, 127})])
    assert bitmaps.tolist() == [[1 | 1 << 63, 0], [0, 1 | 1 << 63]]


@given(PROGRAM_SETS)
def test_sets_come_back_from_their_bitmaps(sets: list[Programs]) -> None:
    """Packing loses nothing, and sizes are the sets'."""
    bitmaps = bitmaps_of(sets)
    assert sets_of(bitmaps) == sets
    assert set_sizes(bitmaps).tolist() == [len(programs) for programs in sets]


@given(PROGRAM_SETS)
def test_distinct_sets_are_each_song_once_in_order_of_size(songs: list[Programs]) -> None:
    """Each different set is there once, smallest first, and each song points at its own."""
    distinct = distinct_sets(bitmaps_of(songs))
    sets = sets_of(distinct.bitmaps)
    assert len(sets) == len(set(songs))
    assert np.all(np.diff(set_sizes(distinct.bitmaps)) >= 0)
    assert [sets[row] for row in distinct.set_of_song] == songs
