"""Scores and thresholds, exhaustively: there are only so many pairs of |A and B| and |A or B|."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from include.errors import ConfigurationError
from include.scale.bitmaps import PROGRAMS
from include.scale.jaccard import lowest_score_above, parse_threshold, required_overlaps, similarity_scores


def every_score() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every (overlap, union) that two sets of programs can have."""
    unions, overlaps = np.nonzero(np.tri(PROGRAMS + 1, dtype=np.bool_)[1:])
    return overlaps, unions + 1


def kept(overlaps: NDArray[np.int64], unions: NDArray[np.int64], threshold: Fraction) -> NDArray[np.bool_]:
    return np.asarray(overlaps >= required_overlaps(threshold)[overlaps + unions])


@pytest.mark.parametrize("text", ["0", "0.1", "0.3", "1/3", "0.5", "0.75", "0.999999999999999999999"])
def test_required_overlaps_decide_as_fractions_do(text: str) -> None:
    """The integer comparison keeps exactly the scores strictly above the threshold, also where doubles cannot tell."""
    overlaps, unions = every_score()
    threshold = parse_threshold(text)
    exactly = [Fraction(i, u) > threshold for i, u in zip(overlaps.tolist(), unions.tolist(), strict=True)]
    assert kept(overlaps, unions, threshold).tolist() == exactly


@pytest.mark.parametrize("hundredths", range(100))
def test_the_same_pairs_are_kept_as_by_mllib(hundredths: int) -> None:
    """At every threshold of two decimals, MLlib's doubles `1 - i / u < 1 - threshold` keep the same pairs."""
    overlaps, unions = every_score()
    threshold = f"{hundredths / 100:.2f}"
    by_mllib = 1 - overlaps / unions < 1 - float(threshold)
    assert np.array_equal(kept(overlaps, unions, parse_threshold(threshold)), by_mllib)


def test_a_score_is_the_plain_quotient_from_one_half_up() -> None:
    """From 1/2 up both subtractions are exact; below, the score follows MLlib and is within 2**-54 of the quotient."""
    overlaps, unions = every_score()
    scores, quotients = similarity_scores(overlaps, unions), overlaps / unions
    upper = 2 * overlaps >= unions
    assert np.array_equal(scores[upper], quotients[upper])
    assert 0 < np.abs(scores - quotients).max() <= 2.0**-54
    assert scores[(overlaps == 1) & (unions == 3)].tolist() == [0.33333333333333326]


@pytest.mark.parametrize(
    ("threshold", "largest_set", "lowest"),
    [("0.5", 19, "13/25"), ("0.5", 128, "64/127"), ("0", 3, "1/5"), ("0", 128, "1/128"), ("0.99", 19, "1")],
)
def test_the_lowest_reachable_score_is_that_of_some_two_sets(threshold: str, largest_set: int, lowest: str) -> None:
    """Known cases, the first worked by hand: 13 shared of two times 19."""
    assert lowest_score_above(Fraction(threshold), largest_set) == Fraction(lowest)


@pytest.mark.parametrize("threshold", ["0", "0.3", "0.5", "0.75"])
@pytest.mark.parametrize("largest_set", [1, 4, 11, 19])
def test_no_reachable_score_is_lower(threshold: str, largest_set: int) -> None:
    """Held against every overlap of every two sizes."""
    scores = [
        Fraction(overlap, a + b - overlap)
        for a in range(1, largest_set + 1)
        for b in range(1, a + 1)
        for overlap in range(b + 1)
    ]
    assert lowest_score_above(Fraction(threshold), largest_set) == min(s for s in scores if s > Fraction(threshold))


@pytest.mark.parametrize("text", ["1", "-0.1", "1.5", "half", "", "1/0", "nan"])
def test_a_threshold_that_makes_no_sense_is_refused(text: str) -> None:
    """Every score is below it, or it is not a number: the message repeats what was written."""
    with pytest.raises(ConfigurationError, match="threshold"):
        parse_threshold(text)
