"""`abort_when` is watched while something is injected, and tells what it saw from what it could not see."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from include.chaos import events as e
from include.chaos.agent.abort import AbortWatch
from include.chaos.model import AbortCause, AbortCondition, RecoveredBy
from tests.chaos import journals

ABSENT = AbortCondition(probe="answers", out_of_tolerance_for=timedelta(seconds=5))
OVERDUE = AbortCondition(after=timedelta(seconds=8))
PREPARED = next(body for _, body in journals.passing_steps() if isinstance(body, e.InjectionPrepared))
INJECTED: list[journals.Step] = [(0, journals.look(ok=True)), (10, PREPARED)]


def _reached(condition: AbortCondition, steps: list[journals.Step], now: float) -> AbortCause | None:
    watch = AbortWatch((condition,))
    watch.observe(journals.number(steps))
    reached = watch.reached(1000 + now)
    return reached.cause if reached else None


def test_a_probe_out_of_tolerance_for_too_long_aborts() -> None:
    """The time counts from the injection or the last good look, whichever is later."""
    steps = [*INJECTED, (11.0, journals.look(ok=True)), (12.0, journals.look(ok=False))]
    assert _reached(ABSENT, steps, 15.9) is None
    assert _reached(ABSENT, steps, 16) is AbortCause.OUT_OF_TOLERANCE


def test_a_probe_that_heals_in_between_does_not_abort() -> None:
    """Only an unbroken absence counts."""
    steps = [
        *INJECTED,
        (11.0, journals.look(ok=False)),
        (14.0, journals.look(ok=True)),
        (14.1, journals.look(ok=False)),
    ]
    assert _reached(ABSENT, steps, 18) is None


def test_a_probe_that_fell_silent_aborts_as_blind() -> None:
    """Not to see is reason enough to stop, and no reason to accuse the pipeline."""
    assert _reached(ABSENT, INJECTED, 15) is AbortCause.BLIND


def test_time_alone_can_abort() -> None:
    """`after` counts from the first injection that is not undone."""
    assert _reached(OVERDUE, INJECTED, 17.9) is None
    assert _reached(OVERDUE, INJECTED, 18) is AbortCause.AFTER


def test_nothing_aborts_while_nothing_is_injected() -> None:
    """Before the injection and after the undo the conditions rest."""
    undone = e.Recovered(injection_id="I", by=RecoveredBy.HOLD_ENDED)
    for condition in (ABSENT, OVERDUE):
        assert _reached(condition, [(0, journals.look(ok=False))], 100) is None
        assert _reached(condition, [*INJECTED, (12, undone)], 100) is None


@pytest.mark.parametrize(
    "fields", [{}, {"probe": "answers"}, {"probe": "a", "out_of_tolerance_for": "5s", "after": "9s"}]
)
def test_a_condition_is_one_or_the_other(fields: dict[str, str]) -> None:
    """A condition that says nothing, half a thing or two things is refused."""
    with pytest.raises(ValidationError, match="expected either"):
        AbortCondition.model_validate(fields)
