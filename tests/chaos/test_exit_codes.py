"""The exit code of several verdicts is that of the worst, by an order that is written down."""

from itertools import pairwise, permutations

import pytest

from include.chaos.exit_codes import EXIT_CODES, WORST_FIRST, worst_of
from include.chaos.model import VerdictValue


def test_only_passed_exits_with_0_and_each_verdict_has_its_own_code() -> None:
    """2 is wrong usage, and no verdict."""
    assert [value for value, code in EXIT_CODES.items() if code == 0] == [VerdictValue.PASSED]
    assert sorted(EXIT_CODES.values()) == [0, 1, 3, 4]


@pytest.mark.parametrize(("worse", "better"), pairwise(WORST_FIRST))
def test_the_worse_of_two_counts_whichever_comes_first(worse: VerdictValue, better: VerdictValue) -> None:
    """Failed, inconclusive, not_exercised, passed."""
    assert worst_of([worse, better]) == worst_of([better, worse]) == worse


def test_the_order_names_every_verdict_and_is_the_documented_one() -> None:
    """What is wrong counts more than what is unknown, that more than what was not tried."""
    assert [str(value) for value in WORST_FIRST] == ["failed", "inconclusive", "not_exercised", "passed"]
    assert set(WORST_FIRST) == set(VerdictValue)
    assert all(worst_of(order) is VerdictValue.FAILED for order in permutations(VerdictValue))
