"""What has changed since the last campaign of the same name, case by case. Pure.

A case is an experiment at a strike point. It passed when some of its cells did and none failed; one that failed once
has failed. A case without a conclusive cell says nothing, and saying nothing is neither better nor worse.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum

from include.chaos.campaigns.outcomes import CellOutcome
from include.chaos.model import Moment, VerdictValue
from include.chaos.reports.section import Part, Text, enumerate_words


class Change(StrEnum):
    """What became of a case; only those that are worth naming are."""

    REGRESSION = "regression"
    LOST_EVIDENCE = "lost_evidence"
    MENDED = "mended"
    STILL_FAILING = "still_failing"
    ADDED = "added"
    DROPPED = "dropped"

    @property
    def meaning(self) -> str:
        """The change in words."""
        return _MEANINGS[self]


_MEANINGS = {
    Change.REGRESSION: "passed last time, failed now",
    Change.LOST_EVIDENCE: "passed last time, decided nothing now",
    Change.MENDED: "failed last time, passed now",
    Change.STILL_FAILING: "failed both times",
    Change.ADDED: "was not in the last campaign",
    Change.DROPPED: "was in the last campaign, and is not in this one",
}


class Comparison(Part):
    """The changes since the campaign `against`."""

    against: Text
    began_at: Moment
    changes: dict[Change, tuple[Text, ...]]

    @property
    def regressions(self) -> tuple[str, ...]:
        """The cases that passed last time and failed now."""
        return self.changes.get(Change.REGRESSION, ())

    @property
    def essence(self) -> str:
        """Name the regressions, or say that there is none."""
        if not self.regressions:
            return f"No case that passed in {self.against} failed now."
        return f"Passed in {self.against} and failed now: {enumerate_words(self.regressions)}."


def compare(
    outcomes: Sequence[CellOutcome], before: Sequence[CellOutcome], *, against: str, began_at: Moment
) -> Comparison:
    """Compare the cases of two campaigns."""
    now, then = decide_cases(outcomes), decide_cases(before)
    changes: defaultdict[Change, list[str]] = defaultdict(list)
    for case in dict.fromkeys([*now, *then]):
        if change := _change(case, now, then):
            changes[change].append(case)
    ordered = {change: tuple(changes[change]) for change in Change if change in changes}
    return Comparison(against=against, began_at=began_at, changes=ordered)


def decide_cases(outcomes: Sequence[CellOutcome]) -> dict[str, VerdictValue | None]:
    """Tell for each case whether it passed or failed; None where no cell decided anything."""
    found: dict[str, set[VerdictValue | None]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.cell.case, set()).add(outcome.verdict)
    return {case: _decide(verdicts) for case, verdicts in found.items()}


def _decide(verdicts: set[VerdictValue | None]) -> VerdictValue | None:
    for verdict in (VerdictValue.FAILED, VerdictValue.PASSED):
        if verdict in verdicts:
            return verdict
    return None


def _change(
    case: str, now: Mapping[str, VerdictValue | None], then: Mapping[str, VerdictValue | None]
) -> Change | None:
    if case not in then:
        return Change.ADDED
    if case not in now:
        return Change.DROPPED
    return _CHANGES.get((then[case], now[case]))


_CHANGES: dict[tuple[VerdictValue | None, VerdictValue | None], Change] = {
    (VerdictValue.PASSED, VerdictValue.FAILED): Change.REGRESSION,
    (VerdictValue.PASSED, None): Change.LOST_EVIDENCE,
    (VerdictValue.FAILED, VerdictValue.PASSED): Change.MENDED,
    (VerdictValue.FAILED, VerdictValue.FAILED): Change.STILL_FAILING,
}
