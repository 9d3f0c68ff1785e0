"""The exact join against brute force."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.scale.bitmaps import distinct_sets
from include.scale.prefix_join import exact_join, exact_pairs
from tests.scale.instrument_sets import PROGRAM_SETS, UNTIMED, Programs, bitmaps_of, brute_force_pairs, listed

THRESHOLDS = [Fraction(text) for text in ("0", "0.3", "0.5", "0.75", "0.999999999999")]


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=str)
@UNTIMED
@given(songs=PROGRAM_SETS)
def test_every_pair_above_the_threshold_is_found_once(threshold: Fraction, songs: list[Programs]) -> None:
    """The same pairs and overlaps as brute force, no pair twice."""
    sets = distinct_sets(bitmaps_of(songs)).bitmaps
    assert listed(exact_pairs(sets, threshold)) == brute_force_pairs(sets, threshold)


@UNTIMED
@given(PROGRAM_SETS)
def test_equal_sets_pair_too(songs: list[Programs]) -> None:
    """Nothing depends on the sets being distinct, only on their order."""
    sets = bitmaps_of(sorted(songs, key=len))
    assert listed(exact_pairs(sets, Fraction("0.5"))) == brute_force_pairs(sets, Fraction("0.5"))


@UNTIMED
@given(PROGRAM_SETS, st.integers(1, 5), st.integers(1, 50))
def test_workers_find_together_what_one_finds(songs: list[Programs], workers: int, chunk_pairs: int) -> None:
    """Interleaved probes partition the pairs, and chunks lose none, however small they are."""
    sets = distinct_sets(bitmaps_of(songs)).bitmaps
    shares = [
        pair
        for worker in range(workers)
        for pair in listed(
            exact_join(sets, Fraction("0.3"), chunk_pairs=chunk_pairs)(range(worker, len(sets), workers))
        )
    ]
    assert sorted(shares) == listed(exact_pairs(sets, Fraction("0.3")))


def test_a_share_holds_the_pairs_that_begin_in_it() -> None:
    """The first of each pair is one of the probes."""
    sets = bitmaps_of([frozenset(range(size)) for size in range(1, 60)])
    share = listed(exact_join(sets, Fraction("0.5"))(range(10, 20)))
    assert share == [pair for pair in brute_force_pairs(sets, Fraction("0.5")) if 10 <= pair[0] < 20]


def test_chunks_are_bounded() -> None:
    """No chunk holds more pairs than asked for plus the number of sets, though all sets are alike."""
    sets = bitmaps_of([frozenset({1, 2, 3})] * 300)
    chunks = list(exact_pairs(sets, Fraction("0.5"), chunk_pairs=1000))
    assert sum(len(chunk.first) for chunk in chunks) == 300 * 299 // 2
    assert max(len(chunk.first) for chunk in chunks) <= 1300


def test_sets_out_of_order_are_refused() -> None:
    """The join would miss pairs: it says what it expects instead."""
    with pytest.raises(ValueError, match="ascending order of size"):
        exact_pairs(bitmaps_of([frozenset({1, 2, 3}), frozenset({1, 2})]), Fraction("0.5"))


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=str)
@UNTIMED
@given(songs=PROGRAM_SETS)
def test_both_ways_give_each_pair_from_either_side(threshold: Fraction, songs: list[Programs]) -> None:
    """Every pair is there twice, once from each of its sets, in shares too."""
    sets = distinct_sets(bitmaps_of(songs)).bitmaps
    join = exact_join(sets, threshold, both_ways=True)
    found = sorted(pair for worker in range(3) for pair in listed(join(range(worker, len(sets), 3))))
    expected = brute_force_pairs(sets, threshold)
    assert found == sorted([*expected, *((b, a, overlap) for a, b, overlap in expected)])


def test_probes_that_are_no_rows_are_refused() -> None:
    """The compiled code would read what lies beside the sets."""
    sets = bitmaps_of([frozenset({1, 2, 3})])
    with pytest.raises(ValueError, match="of 1 sets"):
        list(exact_join(sets, Fraction("0.5"))(range(2)))
