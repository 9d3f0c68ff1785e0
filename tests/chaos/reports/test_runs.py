"""A report of several runs keeps the runs that never saw the end."""

import pytest

from include.chaos import events as e
from include.chaos.journal import JournalEntry
from include.chaos.model import VerdictValue
from include.chaos.reports.content import build_report
from include.chaos.reports.runs import SetReport, build_set_report
from include.errors import ConfigurationError
from tests.chaos import journals

PASSED, FAILED, INCONCLUSIVE = VerdictValue.PASSED, VerdictValue.FAILED, VerdictValue.INCONCLUSIVE


def _together(*runs: list[JournalEntry]) -> SetReport:
    return build_set_report([(run, build_report(run)) for run in runs])


def test_a_run_that_never_recovered_is_censored_not_left_out() -> None:
    """Its time is how long it was watched, and the greatest time is not reached."""
    (summary,) = _together(*(journals.reaching(v, run=f"run{n}") for n, v in enumerate((PASSED, FAILED)))).experiments
    recover = summary.durations[2]
    assert (recover.label, recover.seen, recover.censored, recover.max) == ("time to recover", 1, 1, "not reached")
    assert [line.durations[2].said.startswith("not by") for line in summary.runs] == [False, True]


def test_a_pass_rate_has_its_denominator_and_its_interval() -> None:
    """A run that decided nothing is in the table, and not in the rate."""
    runs = (journals.reaching(v, run=f"run{n}") for n, v in enumerate((PASSED, FAILED, INCONCLUSIVE)))
    (summary,) = _together(*runs).experiments
    assert (summary.passed, summary.decided, len(summary.runs)) == (1, 2, 3)
    assert summary.rate_said.startswith("50.0% of 2 decided runs (95% interval ")
    assert "1 inconclusive" in summary.verdicts_said


def test_where_nothing_was_decided_there_is_no_rate() -> None:
    """Not one of zero."""
    (summary,) = _together(journals.reaching(INCONCLUSIVE, run="run")).experiments
    assert summary.rate is None
    assert "no pass rate" in summary.essence


def test_runs_of_several_experiments_are_summarised_apart() -> None:
    """Each with its own runs, and all runs have a report."""

    def other(_t: float, body: e.Event) -> e.Event:
        changed = {"experiment_id": "another", "experiment_run_id": "other"}
        return body.model_copy(update=changed) if isinstance(body, e.RunOpened) else body

    found = _together(journals.passing(), journals.where(other))
    assert [summary.experiment_id for summary in found.experiments] == ["another", "warehouse_killed"]
    assert [report.experiment_run_id for report in found.runs] == ["other", "run"]


def test_a_run_that_is_there_twice_is_refused() -> None:
    """It would count twice."""
    with pytest.raises(ConfigurationError, match="more than once"):
        _together(journals.passing(), journals.passing())
