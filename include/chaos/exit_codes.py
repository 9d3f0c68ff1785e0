"""What the command line exits with, for one verdict and for several."""

from collections.abc import Iterable

from include.chaos.model import VerdictValue

EXIT_CODES = {
    VerdictValue.PASSED: 0,
    VerdictValue.FAILED: 1,
    VerdictValue.NOT_EXERCISED: 3,
    VerdictValue.INCONCLUSIVE: 4,
}
"""2 is left to wrong usage."""

WORST_FIRST = (
    VerdictValue.FAILED,
    VerdictValue.INCONCLUSIVE,
    VerdictValue.NOT_EXERCISED,
    VerdictValue.PASSED,
)
"""What was seen to be wrong, what may be, what was never tried, what was seen to be well."""


def worst_of(verdicts: Iterable[VerdictValue]) -> VerdictValue:
    """Give the worst of at least one verdict."""
    return min(verdicts, key=WORST_FIRST.index)
