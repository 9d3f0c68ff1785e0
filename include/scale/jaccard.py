"""What a score above the threshold means, in exact arithmetic.

The score of two sets is their Jaccard index |A and B| / |A or B|. A threshold is the fraction that its decimal text
says (`Fraction("0.3")`, not the double nearest to 0.3), so "strictly above" is a statement on integers.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import floor

import numpy as np
from numpy.typing import NDArray

from include.errors import ConfigurationError
from include.scale.bitmaps import PROGRAMS


def parse_threshold(text: str) -> Fraction:
    """Read a threshold from its decimal text; raise `ConfigurationError` unless 0 <= threshold < 1."""
    try:
        threshold = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigurationError(f"threshold {text!r} is not a number; write it like 0.5") from error
    if not 0 <= threshold < 1:
        raise ConfigurationError(f"threshold {text} must be at least 0 and below 1, for no score is above 1")
    return threshold


def required_overlaps(threshold: Fraction) -> NDArray[np.int64]:
    """Give the least |A and B| that scores above the threshold, by |A| + |B|: shape (257,).

    With s = |A| + |B| and i = |A and B|: i / (s - i) > t exactly when i > s * t / (1 + t). Two empty sets have no
    score; the entry for s = 0 is 1, which they do not reach.
    """
    share = threshold / (1 + threshold)
    return np.array([floor(total * share) + 1 for total in range(2 * PROGRAMS + 1)], dtype=np.int64)


def lowest_score_above(threshold: Fraction, largest_set: int) -> Fraction:
    """Find the lowest score above the threshold that two sets of 1 to `largest_set` programs can have.

    At 0.5 and 19 it is 13/25, of two sets of 19, and not 10/19, of a set of 10 inside one of 19.
    """
    return min(_scores_above(required_overlaps(threshold), largest_set))


def _scores_above(required: NDArray[np.int64], largest_set: int) -> Iterator[Fraction]:
    for larger in range(1, largest_set + 1):
        for smaller in range(1, larger + 1):
            # Small overlaps are impossible where the union would exceed all programs there are.
            overlap = max(int(required[smaller + larger]), smaller + larger - PROGRAMS)
            if overlap <= smaller:
                yield Fraction(overlap, smaller + larger - overlap)


def similarity_scores(overlaps: NDArray[np.integer], unions: NDArray[np.integer]) -> NDArray[np.float64]:
    """Score pairs by |A and B| and |A or B| as `1.0 - distance`, with the distance of Spark MLlib's MinHashLSH.

    MLlib computes distance = 1 - i / u in doubles, with one rounding in the division and one in the subtraction. From
    1/2 up the subtraction is exact (Sterbenz' lemma), hence so is its inverse, and the score is the very double i / u.
    Below 1/2 the distance may be rounded: the score then differs from i / u by at most 2**-54 (1/3 gives
    0.33333333333333326), and this function follows MLlib.
    """
    distance = 1.0 - overlaps / unions
    return np.asarray(1.0 - distance, dtype=np.float64)
