"""A conductor that runs nothing: each experiment run ends as it is told to."""

from include.chaos.model import VerdictValue
from include.chaos.statistics import Journal
from tests.chaos import journals


class Conductor:
    """Gives run number n the nth of these ends: the journal of such a verdict, or an interruption."""

    def __init__(self, *ends: VerdictValue | BaseException) -> None:
        self.ends = ends
        self.begun = 0

    def __call__(self, number: int) -> Journal:
        self.begun = number
        end = self.ends[number - 1]
        if isinstance(end, BaseException):
            raise end
        return journals.reaching(end, run=f"run{number}")
