"""Each probe's median before the strike, read from the looks that the journal holds. Pure."""

from collections.abc import Iterable
from statistics import median

from include.chaos.events import BaselineMeasured, ProbeSampled
from include.chaos.journal import JournalEntry
from include.chaos.tolerances import number_of


def baseline_median(entries: Iterable[JournalEntry], probe: str) -> float | None:
    """Give the median of the numbers that a probe saw before `baseline_measured`; None until then, or if it saw none.

    A look that began before the baseline was measured and ended after it is judged as if there were none.
    """
    numbers: list[float] = []
    for entry in entries:
        match entry.body:
            case BaselineMeasured():
                return median(numbers) if numbers else None
            case ProbeSampled(probe=name, measurement=look) if name == probe:
                number = number_of(look.value)
                numbers += [] if number is None else [number]
            case _:
                pass
    return None
