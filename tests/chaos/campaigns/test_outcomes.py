"""A cell has a verdict only when its run was closed with one."""

from include.chaos import events as e
from include.chaos.campaigns.outcomes import reached_verdict, read_outcome
from include.chaos.model import VerdictValue
from tests.chaos import journals
from tests.chaos.campaigns.made import FAILED, cell

CELL = cell("a")
REACHED = e.VerdictReached(verdict=VerdictValue.FAILED, reasons=("3 rows are lost.",), judged_until=7)
CLOSED = e.RunClosed()


def test_the_verdict_is_the_one_that_was_published() -> None:
    """With its reasons."""
    entries = journals.number([*journals.passing_steps(), (60, REACHED), (60, CLOSED)])
    outcome = read_outcome(CELL, "run", entries)
    assert outcome.verdict is FAILED
    assert outcome.reasons == ("3 rows are lost.",)


def test_a_run_that_was_never_closed_has_none() -> None:
    """However well it went so far."""
    entries = journals.number([*journals.passing_steps(), (60, REACHED)])
    assert reached_verdict(entries) is None
    assert read_outcome(CELL, "run", entries).reasons == ("Its run has begun, and has not come to a verdict.",)


def test_a_run_that_was_never_opened_has_none() -> None:
    """Its form was refused, nobody approved it, or it was never begun."""
    outcome = read_outcome(CELL, "run", None)
    assert outcome.verdict is None
    assert "never opened on the agent" in outcome.reasons[0]
