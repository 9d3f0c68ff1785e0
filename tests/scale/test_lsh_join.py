"""The MinHash join: all that it finds is true, and it finds what its bands promise."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.scale.bitmaps import Bitmaps, distinct_sets, from_membership
from include.scale.lsh_join import _SIGNED_AT_ONCE, minhash_join, minhash_pairs
from include.scale.minhash import Bands, choose_bands, expected_recall
from include.scale.prefix_join import exact_pairs
from tests.scale.instrument_sets import PROGRAM_SETS, UNTIMED, Programs, bitmaps_of, brute_force_pairs, listed

THRESHOLDS = [Fraction(text) for text in ("0.3", "0.5", "0.75", "0.999999999999")]


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=str)
@UNTIMED
@given(songs=PROGRAM_SETS)
def test_what_is_found_is_true_and_found_once(threshold: Fraction, songs: list[Programs]) -> None:
    """Precision 1 at any recall, with the exact overlap, no pair twice: bands too few and too narrow to find all."""
    sets = distinct_sets(bitmaps_of(songs)).bitmaps
    bands = Bands(bands=8, rows=2, lowest_score=threshold, expected_recall=0.0)
    found = listed(minhash_pairs(sets, threshold, bands))
    assert len(found) == len(set(found))
    assert set(found) <= set(brute_force_pairs(sets, threshold))


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=str)
@UNTIMED
@given(songs=PROGRAM_SETS, seed=st.integers(0, 3))
def test_at_certain_recall_nothing_is_missed(threshold: Fraction, songs: list[Programs], seed: int) -> None:
    """With a chance of 1e-12 to miss the hardest pair, the pairs are brute force's."""
    sets = distinct_sets(bitmaps_of(songs)).bitmaps
    bands = choose_bands(threshold, 40, recall=1 - 1e-12)
    assert listed(minhash_pairs(sets, threshold, bands, seed=seed)) == brute_force_pairs(sets, threshold)


@UNTIMED
@given(PROGRAM_SETS, st.integers(1, 5), st.integers(1, 50))
def test_workers_find_together_what_one_finds(songs: list[Programs], workers: int, chunk_pairs: int) -> None:
    """Interleaved probes partition the pairs, and chunks lose none, however small they are."""
    sets, threshold = distinct_sets(bitmaps_of(songs)).bitmaps, Fraction("0.3")
    bands = choose_bands(threshold, 40, recall=0.9)
    shares = [
        pair
        for worker in range(workers)
        for pair in listed(
            minhash_join(sets, threshold, bands, chunk_pairs=chunk_pairs)(range(worker, len(sets), workers))
        )
    ]
    assert sorted(shares) == listed(minhash_pairs(sets, threshold, bands))


def test_sets_are_found_across_the_blocks_in_which_they_are_signed() -> None:
    """Ten thousand sets are signed in two blocks; their pairs are those of the exact join."""
    generator = np.random.default_rng(3)
    members = generator.random((10_000, 128)).argsort(axis=1) < generator.integers(3, 9, (10_000, 1))
    members[5_000:, :4] = True
    sets = distinct_sets(from_membership(members)).bitmaps
    found = listed(minhash_pairs(sets, Fraction("0.5"), choose_bands(Fraction("0.5"), 12, recall=1 - 1e-12)))
    assert len(sets) > _SIGNED_AT_ONCE
    assert found == listed(exact_pairs(sets, Fraction("0.5")))


def pairs_of_lowest_score(generator: np.random.Generator, count: int) -> Bitmaps:
    """Make `count` pairs of sets of 19 that share 13: the hardest to find above 0.5. Other pairs are below it."""
    unions = [generator.permutation(128)[:25].tolist() for _ in range(count)]
    return bitmaps_of([half for u in unions for half in (frozenset(u[:19]), frozenset(u[:13] + u[19:]))])


def test_the_hardest_pairs_are_found_as_often_as_the_formula_says() -> None:
    """Two thousand pairs at 13/25, with bands that find 70 % of them: within 5 standard errors."""
    generator = np.random.default_rng(11)
    recall = expected_recall(13 / 25, bands=8, rows=3)
    bands = Bands(bands=8, rows=3, lowest_score=Fraction(13, 25), expected_recall=recall)
    found = sum(
        len(listed(minhash_pairs(pairs_of_lowest_score(generator, 20), Fraction("0.5"), bands, seed=seed)))
        for seed in range(100)
    )
    assert found / 2000 == pytest.approx(recall, abs=5 * (recall * (1 - recall) / 2000) ** 0.5)


def test_a_bucket_of_all_sets_fits_in_a_small_chunk() -> None:
    """Sets that agree on every band meet in every bucket; chunks stay bounded and each pair comes once."""
    sets = bitmaps_of([frozenset({1, 2, 3})] * 300)
    bands = Bands(bands=20, rows=3, lowest_score=Fraction(1), expected_recall=1.0)
    chunks = list(minhash_pairs(sets, Fraction("0.5"), bands, chunk_pairs=1000))
    assert sum(len(chunk.first) for chunk in chunks) == 300 * 299 // 2
    assert max(len(chunk.first) for chunk in chunks) <= 1300


@UNTIMED
@given(songs=PROGRAM_SETS)
def test_both_ways_give_each_pair_from_either_side(songs: list[Programs]) -> None:
    """Every pair that is found is there twice, once from each of its sets, in shares too."""
    sets, threshold = distinct_sets(bitmaps_of(songs)).bitmaps, Fraction("0.5")
    bands = choose_bands(threshold, 40, recall=0.9)
    join = minhash_join(sets, threshold, bands, both_ways=True)
    found = sorted(pair for worker in range(3) for pair in listed(join(range(worker, len(sets), 3))))
    once = listed(minhash_pairs(sets, threshold, bands))
    assert found == sorted([*once, *((b, a, overlap) for a, b, overlap in once)])
