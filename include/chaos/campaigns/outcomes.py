"""What became of a campaign's cells, read from their journals. Pure."""

from collections.abc import Sequence

from include.chaos.campaigns.matrix import CampaignPlan, Cell
from include.chaos.entries import bodies, last
from include.chaos.events import RunClosed, VerdictReached
from include.chaos.journal import JournalEntry
from include.chaos.model import Model, Moment, VerdictValue
from include.chaos.reports.section import Part, Text

CONCLUSIVE = frozenset({VerdictValue.PASSED, VerdictValue.FAILED})
"""Verdicts that say something of the claim."""


class CellOutcome(Part):
    """A cell with its verdict; None where its run never came to one, for the `reasons` that are given."""

    cell: Cell
    experiment_run_id: Text
    verdict: VerdictValue | None
    reasons: tuple[Text, ...]

    @property
    def is_conclusive(self) -> bool:
        """Whether the claim was put to the test and decided."""
        return self.verdict in CONCLUSIVE

    @property
    def said(self) -> str:
        """The verdict, or that there is none."""
        return str(self.verdict) if self.verdict else "no verdict"


class CampaignEnd(Model):
    """What came of a campaign; `stages` are those of each pipeline, in order, as they were then."""

    scored_at: Moment
    outcomes: tuple[CellOutcome, ...]
    stages: dict[str, tuple[str, ...]]


class CampaignRecord(Model):
    """All that is kept of a campaign; its scorecard is computed from this. `end` is None until it has come to one."""

    plan: CampaignPlan
    end: CampaignEnd | None = None


def reached_verdict(entries: Sequence[JournalEntry]) -> VerdictReached | None:
    """Give the verdict with which a run was closed; None for a run that has not come to its end."""
    return last(entries, VerdictReached) if bodies(entries, RunClosed) else None


def read_outcome(cell: Cell, experiment_run_id: str, entries: Sequence[JournalEntry] | None) -> CellOutcome:
    """Read a cell's outcome from its journal, or from there being none."""
    reached = reached_verdict(entries) if entries is not None else None
    if reached:
        verdict, reasons = reached.verdict, reached.reasons
    elif entries is None:
        verdict, reasons = None, ("Its run was never opened on the agent; the log of its DAG run says why.",)
    else:
        verdict, reasons = None, ("Its run has begun, and has not come to a verdict.",)
    return CellOutcome(cell=cell, experiment_run_id=experiment_run_id, verdict=verdict, reasons=reasons)
