"""Runs are conducted one after another, and an interruption costs only those that had not finished."""

import pytest

from include.chaos.exit_codes import EXIT_CODES
from include.chaos.model import VerdictValue
from include.chaos.repetition import Repetition, conduct_repeatedly
from include.chaos.reports.content import Report
from include.errors import AgentError, PlatformError
from tests.chaos.conductors import Conductor

PASSED, FAILED = VerdictValue.PASSED, VerdictValue.FAILED
NOT_EXERCISED, INCONCLUSIVE = VerdictValue.NOT_EXERCISED, VerdictValue.INCONCLUSIVE


def _repeat(*ends: VerdictValue | BaseException) -> Repetition:
    return conduct_repeatedly(Conductor(*ends), len(ends), tell=lambda report: None)


@pytest.mark.parametrize("verdict", list(VerdictValue))
def test_when_all_runs_agree_the_exit_code_is_theirs(verdict: VerdictValue) -> None:
    """Whatever they say."""
    repetition = _repeat(verdict, verdict, verdict)
    assert [report.verdict.value for report in repetition.reports] == [verdict] * 3
    assert repetition.worst is verdict


@pytest.mark.parametrize(
    ("ends", "worst"),
    [
        ((PASSED, FAILED, INCONCLUSIVE), FAILED),
        ((NOT_EXERCISED, INCONCLUSIVE, PASSED), INCONCLUSIVE),
        ((PASSED, PASSED, NOT_EXERCISED), NOT_EXERCISED),
    ],
)
def test_when_runs_differ_the_worst_counts(ends: tuple[VerdictValue, ...], worst: VerdictValue) -> None:
    """A rate of passes is no pass."""
    assert _repeat(*ends).worst is worst


def test_each_run_is_told_before_the_next_begins() -> None:
    """A person need not wait for the last to hear of the first."""
    conductor = Conductor(PASSED, FAILED)
    seen: list[tuple[int, str]] = []

    def tell(report: Report) -> None:
        seen.append((conductor.begun, report.experiment_run_id))

    conduct_repeatedly(conductor, 2, tell=tell)
    assert seen == [(1, "run1"), (2, "run2")]


@pytest.mark.parametrize(
    ("interruption", "said"),
    [
        (KeyboardInterrupt(), "by hand"),
        (PlatformError("Airflow does not answer"), "Airflow does not answer"),
        (AgentError("the agent refused"), "the agent refused"),
    ],
)
def test_an_interruption_keeps_what_has_finished_and_never_exits_with_0(interruption: BaseException, said: str) -> None:
    """Two passes of four runs are two passes, and no pass of the whole; nothing more is begun."""
    conductor = Conductor(PASSED, PASSED, interruption, PASSED)
    repetition = conduct_repeatedly(conductor, 4, tell=lambda report: None)
    assert (len(repetition.journals), repetition.missing, repetition.interruption) == (2, 2, said)
    assert repetition.worst is INCONCLUSIVE
    assert EXIT_CODES[repetition.worst] != 0
    assert conductor.begun == 3


def test_a_failure_before_the_interruption_stays_one() -> None:
    """What was seen to be wrong is worse than what was not seen."""
    assert _repeat(FAILED, KeyboardInterrupt()).worst is FAILED


def test_an_interruption_while_the_last_run_is_told_does_not_exit_with_0() -> None:
    """Nobody has read a verdict of which the printing was broken off."""

    def tell(report: Report) -> None:
        raise KeyboardInterrupt

    assert conduct_repeatedly(Conductor(PASSED), 1, tell=tell).worst is INCONCLUSIVE


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), PlatformError("Airflow does not answer")])
def test_an_interruption_before_any_run_has_finished_is_raised_as_it_came(interruption: BaseException) -> None:
    """There is nothing to sum up."""
    with pytest.raises(type(interruption)):
        _repeat(interruption, PASSED)


def test_a_run_without_a_journal_is_an_interruption_and_not_counted() -> None:
    """A DAG run that never reached the agent opened no experiment run."""
    repetition = conduct_repeatedly(
        lambda number: Conductor(PASSED)(number) if number == 1 else [], 3, tell=lambda report: None
    )
    assert (len(repetition.reports), repetition.missing) == (1, 2)
