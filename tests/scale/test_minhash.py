"""Signatures against datasketch, bands against their formula."""

import math
from fractions import Fraction

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from include.scale.minhash import SCHEME, Bands, choose_bands, expected_recall, signatures
from tests.scale.instrument_sets import PROGRAM_SETS, UNTIMED, Programs, bitmaps_of


def datasketch_signature(programs: Programs, num_perm: int, seed: int) -> list[int]:
    minhash = MinHash(num_perm=num_perm, seed=seed, scheme=SCHEME)
    for program in programs:
        minhash.update(str(program).encode())
    return [int(value) for value in minhash.hashvalues]


@UNTIMED
@given(PROGRAM_SETS, st.sampled_from([1, 16, 128]), st.sampled_from([1, 7]))
def test_signatures_are_those_of_datasketch(sets: list[Programs], num_perm: int, seed: int) -> None:
    """Bit for bit, the empty set's too."""
    signed = signatures(bitmaps_of(sets), num_perm=num_perm, seed=seed)
    assert signed.tolist() == [datasketch_signature(programs, num_perm, seed) for programs in sets]


def test_the_scheme_is_the_default_of_datasketch() -> None:
    """A signature can be compared with that of a plain `MinHash()`."""
    assert MinHash().scheme == SCHEME


@pytest.mark.parametrize("largest_set", [3, 19, 128])
@pytest.mark.parametrize("threshold", ["0", "0.3", "0.5", "0.75", "0.95", "0.999"])
def test_chosen_bands_reach_the_recall_with_no_band_to_spare(threshold: str, largest_set: int) -> None:
    """The formula gives at least the recall asked for, and less with one band fewer."""
    bands = choose_bands(Fraction(threshold), largest_set, recall=0.9999)
    score = float(bands.lowest_score)
    assert bands.expected_recall == expected_recall(score, bands=bands.bands, rows=bands.rows) >= 0.9999
    assert expected_recall(score, bands=bands.bands - 1, rows=bands.rows) < 0.9999


def test_chosen_bands_have_the_most_rows_that_the_signature_has_room_for() -> None:
    """A longer signature buys more rows a band, which is fewer false candidates."""
    chosen = [choose_bands(Fraction("0.5"), 19, longest_signature=length) for length in (100, 200, 640, 1300)]
    assert [bands.rows for bands in chosen] == [2, 3, 4, 5]
    assert all(bands.num_perm <= length for bands, length in zip(chosen, (100, 200, 640, 1300), strict=True))


def test_one_row_is_taken_where_no_signature_is_short_enough() -> None:
    """Recall comes first: at threshold 0 the signature is longer than asked for, not the recall lower."""
    bands = choose_bands(Fraction(0), 128, longest_signature=640)
    assert bands.rows == 1
    assert bands.num_perm > 640
    assert bands.expected_recall >= 0.9999


def agreement_of_bands(overlap: int, union: int, bands: Bands, trials: int) -> float:
    """Share of trials, over many pairs with one score and as many sets of permutations, that agree on a whole band."""
    generator = np.random.default_rng(5)
    agreed = []
    for _ in range(40):
        programs = generator.permutation(128)[:union].tolist()
        middle = overlap + (union - overlap) // 2
        pair = [frozenset(programs[:middle]), frozenset(programs[:overlap] + programs[middle:])]
        first, second = signatures(bitmaps_of(pair), num_perm=trials * bands.num_perm)
        agreed.append((first == second).reshape(trials, bands.bands, bands.rows).all(axis=2).any(axis=1).mean())
    return float(np.mean(agreed))


@pytest.mark.parametrize(("overlap", "union"), [(13, 25), (7, 10), (3, 12)])
@pytest.mark.parametrize(("count", "rows"), [(1, 1), (4, 2), (10, 3)])
def test_bands_agree_as_often_as_the_formula_says(overlap: int, union: int, count: int, rows: int) -> None:
    """Measured with datasketch's permutations: within 5 standard errors of 1 - (1 - J**r)**b."""
    expected = expected_recall(overlap / union, bands=count, rows=rows)
    bands = Bands(bands=count, rows=rows, lowest_score=Fraction(overlap, union), expected_recall=expected)
    trials = 500
    standard_error = math.sqrt(expected * (1 - expected) / (40 * trials))
    assert agreement_of_bands(overlap, union, bands, trials) == pytest.approx(expected, abs=5 * standard_error)
