"""The verdict as a report shows it: computed again from the journal, and beside it what was published then. Pure."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import computed_field

from include.chaos.entries import bodies, last
from include.chaos.events import RunClosed, VerdictReached
from include.chaos.journal import JournalEntry
from include.chaos.model import VerdictValue
from include.chaos.reports.section import Section, Text
from include.chaos.timeline import Timeline
from include.chaos.verdict import judge

MEANINGS = {
    VerdictValue.PASSED: "The claim was put to the test, and it held.",
    VerdictValue.FAILED: "The claim was put to the test, and it did not hold.",
    VerdictValue.NOT_EXERCISED: "The claim was not put to the test.",
    VerdictValue.INCONCLUSIVE: "Something that a verdict needs was not measured, so nothing is claimed.",
}
"""What each verdict says, in a sentence."""


class Judgement(Section):
    """`published` is the verdict that was reached when the run ended; None where it never was."""

    heading: ClassVar = "Verdict"
    value: VerdictValue
    reasons: tuple[Text, ...]
    notes: tuple[Text, ...]
    expected: VerdictValue | None
    published: VerdictValue | None
    is_closed: bool

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def meaning(self) -> str:
        """What the verdict says, in a sentence."""
        return MEANINGS[self.value]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def differs(self) -> bool:
        """Whether the verdict that was published is another one than these entries give."""
        return self.published is not None and self.published is not self.value


def read_judgement(entries: Sequence[JournalEntry], timeline: Timeline) -> Judgement:
    """Judge the run, again."""
    verdict, published = judge(entries), last(entries, VerdictReached)
    return Judgement(
        value=verdict.value,
        reasons=verdict.reasons,
        notes=verdict.notes,
        expected=timeline.opened.expected_verdict,
        published=published.verdict if published else None,
        is_closed=bool(bodies(entries, RunClosed)),
    )
