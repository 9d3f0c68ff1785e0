"""Several runs of one experiment, one after another, since one run of a chance event says little."""

from collections.abc import Callable
from dataclasses import dataclass

from include.chaos.exit_codes import worst_of
from include.chaos.model import VerdictValue
from include.chaos.reports.content import Report, build_report
from include.chaos.statistics import Journal
from include.errors import ChaosControlError


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """The planned runs that have finished, at least one; `interruption` says why others have not."""

    planned: int
    journals: tuple[Journal, ...]
    reports: tuple[Report, ...]
    interruption: str | None

    @property
    def missing(self) -> int:
        """How many of the planned runs have not finished."""
        return self.planned - len(self.reports)

    @property
    def worst(self) -> VerdictValue:
        """The worst verdict; after an interruption at least inconclusive, for what is missing was not measured."""
        unmeasured = [VerdictValue.INCONCLUSIVE] if self.interruption else []
        return worst_of([*(report.verdict.value for report in self.reports), *unmeasured])


def conduct_repeatedly(
    conduct: Callable[[int], Journal], planned: int, *, tell: Callable[[Report], None]
) -> Repetition:
    """Conduct the runs number 1 to `planned`, and tell of each as it ends.

    An interruption does not cost what the finished runs show. When none has finished it is raised as it came, for then
    it is all that there is to say.
    """
    journals: list[Journal] = []
    reports: list[Report] = []
    interruption = None
    try:
        for number in range(1, planned + 1):
            journal = conduct(number)
            report = build_report(journal)
            journals.append(journal)
            reports.append(report)
            tell(report)
    except (KeyboardInterrupt, ChaosControlError) as error:
        if not reports:
            raise
        interruption = "by hand" if isinstance(error, KeyboardInterrupt) else str(error)
    return Repetition(planned=planned, journals=tuple(journals), reports=tuple(reports), interruption=interruption)
