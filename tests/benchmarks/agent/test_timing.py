"""What the benchmark reads from journals."""

from datetime import timedelta

import pytest

from benchmarks.agent.timing import read_timings, seen_running_after, spread
from include.chaos import events as e
from tests.chaos import journals
from tests.chaos.journals import passing, stage, without

MILLISECOND = timedelta(milliseconds=1)


def test_errors_are_done_less_asked() -> None:
    """The strike was due at once at 9.99 s and done at 10 s; it was to hold for 5 s and held for 5.001 s."""
    [timing] = read_timings(passing())
    assert timing.start_error / MILLISECOND == pytest.approx(10)
    assert timing.hold_error / MILLISECOND == pytest.approx(1)
    assert timing.lag / MILLISECOND == pytest.approx(3490)


def test_a_delay_that_was_asked_for_is_no_error() -> None:
    """`after` counts from the strike point."""
    opened = journals.opened()
    [planned] = opened.strikes
    point = planned.strike_point.model_copy(update={"after": timedelta(milliseconds=4)})
    later = opened.model_copy(update={"strikes": (planned.model_copy(update={"strike_point": point}),)})
    [timing] = read_timings(journals.replacing(e.RunOpened, later))
    assert timing.start_error / MILLISECOND == pytest.approx(6)


@pytest.mark.parametrize("missing", [e.Injected, e.StrikePointReached, e.RecoveryStarted, e.StageObserved])
def test_a_strike_that_was_not_seen_whole_has_no_errors(missing: type) -> None:
    """It is missing from the count, and never a small error."""
    kinds = (missing, e.Recovered) if missing is e.RecoveryStarted else (missing,)
    assert read_timings(without(*kinds)) == []


def test_the_lag_counts_from_the_try_that_was_struck() -> None:
    """A stage that begins once more, after the strike, does not move it."""
    steps = [*journals.passing_steps(), (20.0, stage("running", started=19.0, try_number=2))]
    entries = journals.number(sorted(steps, key=lambda step: step[0]))
    [timing] = read_timings(entries)
    assert timing.lag / MILLISECOND == pytest.approx(3490)
    assert [lag / MILLISECOND for lag in seen_running_after(entries)] == pytest.approx([500, 1000])


def test_early_is_as_wrong_as_late() -> None:
    """Quantiles are of sizes, so that errors cannot make up for each other."""
    statistics = spread([-3 * MILLISECOND, 1 * MILLISECOND, 2 * MILLISECOND])
    assert (statistics.p50, statistics.max) == (2 * MILLISECOND, 3 * MILLISECOND)
