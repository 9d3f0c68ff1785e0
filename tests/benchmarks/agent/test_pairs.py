"""Ratios of pairs."""

import pytest

from benchmarks.agent.pairs import PairedRatio


def test_the_ratio_is_the_median_of_the_pairs_and_not_the_ratio_of_medians() -> None:
    """A disturbance that hits both of a pair leaves its ratio alone."""
    ratio = PairedRatio.of([11.0, 110.0, 33.0], [10.0, 100.0, 30.0])
    assert ratio.middle == pytest.approx(1.1)
    assert str(ratio) == "1.100x ±0.000"


def test_a_few_pairs_cannot_be_significant() -> None:
    """With five, all in one direction happens by chance in one of 16 cases."""
    ratio = PairedRatio.of([11.0, 12.0, 13.0, 14.0, 15.0], [10.0] * 5)
    assert ratio.p_value == pytest.approx(2 / 2**5)


def test_no_difference_at_all_is_no_evidence() -> None:
    """The test has nothing to rank then."""
    assert PairedRatio.of([1.0, 2.0], [1.0, 2.0]).p_value == 1
