"""Every run lies in its window, away from others and from what forbids it, and is the same whoever asks."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from include.orchestration import window_moments
from include.orchestration.window_moments import LATE, PlannedRun, next_run, runs_after, why_not
from include.orchestration.windows import Blackout, Deadline, Weekday, Window
from tests.orchestration.windows_made import window

SPRING = date(2027, 3, 28)
"""In Berlin, two o'clock is followed by three o'clock."""

AUTUMN = date(2026, 10, 25)
"""In Berlin, the hour from two to three comes twice."""

DAY = timedelta(days=1)
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "UTC"]
CLOCK = st.times().map(lambda at: f"{at:%H:%M}")


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Any window: short or across midnight, in zones that change their clocks by an hour or half of one, or never."""
    hours = st.fixed_dictionaries(
        {"weekdays": st.lists(st.sampled_from(list(Weekday)), min_size=1, unique=True), "opens": CLOCK, "closes": CLOCK}
    ).filter(lambda said: said["opens"] != said["closes"])
    first = date(2026, 12, 20) + DAY * draw(st.integers(0, 20))
    said: dict[str, Any] = {
        "timezone": draw(st.sampled_from(ZONES)),
        "hours": draw(st.lists(hours, min_size=1, max_size=2)),
        "blackouts": [{"first": str(first), "last": str(first + DAY * draw(st.integers(0, 9)))}],
        "deadlines": draw(
            st.lists(st.builds(lambda at: {"at": at, "before": "3h", "after": "10m"}, CLOCK), max_size=1)
        ),
        "apart": f"{draw(st.integers(1, 90))}h",
        "at_most": draw(st.integers(1, 3)),
        "seed": draw(st.text(max_size=3)),
    }
    return window(**said)


def _some_runs(made: Window, count: int = 60, since: datetime = datetime(2026, 10, 1, tzinfo=UTC)) -> list[PlannedRun]:
    window_moments._runs_of_year.cache_clear()
    return list(islice(runs_after(made, since), count))


def _local(run: PlannedRun, made: Window) -> datetime:
    return run.at.astimezone(made.zone)


def _in_hours(at: datetime, made: Window) -> bool:
    """Look at the clock on the wall, which is what people mean by a window."""
    names, clock = list(Weekday), at.time().replace(fold=0)
    today, yesterday = names[at.weekday()], names[at.weekday() - 1]
    for hours in made.hours:
        if hours.opens < hours.closes:
            if today in hours.weekdays and hours.opens <= clock < hours.closes:
                return True
        elif (today in hours.weekdays and clock >= hours.opens) or (
            yesterday in hours.weekdays and clock < hours.closes
        ):
            return True
    return False


def _in_blackout(at: datetime, blackout: Blackout) -> bool:
    return blackout.first <= at.date() <= blackout.last


def _too_near(at: datetime, deadline: Deadline) -> bool:
    due = [datetime.combine(at.date() + near * DAY, deadline.at, at.tzinfo).astimezone(UTC) for near in (-1, 0, 1)]
    return any(one - deadline.before <= at <= one + deadline.after for one in due)


@settings(max_examples=80, deadline=None)
@given(windows())
def test_every_run_lies_in_the_window_and_where_nothing_forbids_it(made: Window) -> None:
    """By the local clock, across changes of the clocks; never on a blackout date, never near a deadline."""
    for run in _some_runs(made):
        at = _local(run, made)
        assert _in_hours(at, made)
        assert not any(_in_blackout(at, blackout) for blackout in made.blackouts)
        assert not any(_too_near(at, deadline) for deadline in made.deadlines)
        assert run.experiment_id in made.experiments


@settings(max_examples=80, deadline=None)
@given(windows())
def test_runs_keep_their_distance_across_openings_and_years(made: Window) -> None:
    """Whatever the experiments."""
    runs = _some_runs(made)
    assert all(later.at - earlier.at >= made.apart for earlier, later in pairwise(runs))


@settings(max_examples=30, deadline=None)
@given(windows(), st.integers(0, 100), st.integers(0, 30))
def test_the_runs_are_the_same_whoever_asks_whenever(made: Window, days: int, step: int) -> None:
    """Airflow asks again and again, in several processes; each must hear the same."""
    runs = _some_runs(made)
    assert _some_runs(made) == runs
    since = datetime(2026, 10, 1, tzinfo=UTC) + days * DAY
    later = [run for run in runs if run.at > since]
    assert _some_runs(made, len(later), since) == later
    assume(step < len(runs))
    after = runs[step].at - timedelta(seconds=1)
    assert next_run(made, runs[step].experiment_id, after) == runs[step].at


def test_another_seed_draws_other_moments() -> None:
    """And the same seed the same ones."""
    assert _some_runs(window(seed="a")) == _some_runs(window(seed="a"))
    assert _some_runs(window(seed="a")) != _some_runs(window(seed="b"))


def test_each_experiment_gets_its_turn_and_no_opening_has_too_many() -> None:
    """Drawn anew for each opening."""
    runs = _some_runs(window(at_most=2, apart="1h"), 100)
    assert {run.experiment_id for run in runs} == {"one", "two", "three"}
    days = [run.at.date() for run in runs]
    assert max(days.count(day) for day in days) == 2


def test_a_window_in_the_hour_that_is_skipped_does_not_open() -> None:
    """There is no such hour on that day; on other days there is."""
    night = window(hours=[{"weekdays": ["sun"], "opens": "02:00", "closes": "03:00"}], experiments=["one"], apart="1m")
    days = {_local(run, night).date() for run in _some_runs(night, 60)}
    assert SPRING - 7 * DAY in days
    assert SPRING + 7 * DAY in days
    assert SPRING not in days


def test_a_window_around_the_skipped_hour_is_shorter_by_it() -> None:
    """From one to four are two hours then, and moments lie in both of them only."""
    made = window(
        hours=[{"weekdays": ["sun"], "opens": "01:00", "closes": "04:00"}],
        experiments=[str(number) for number in range(40)],
        at_most=40,
        apart="1m",
    )
    hours = {_local(run, made).hour for run in _some_runs(made, 10**6) if _local(run, made).date() == SPRING}
    assert hours == {1, 3}


def test_the_hour_that_comes_twice_is_never_taken_for_one_outside_the_window() -> None:
    """A window that closes at half past two is closed when the clock shows that for the first time."""
    made = window(
        hours=[{"weekdays": ["sun"], "opens": "01:00", "closes": "02:30"}],
        experiments=[str(number) for number in range(40)],
        at_most=40,
        apart="1m",
    )
    runs = [run for run in _some_runs(made, 10**6) if _local(run, made).date() == AUTUMN]
    assert runs
    assert max(run.at for run in runs) < datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_distance_is_kept_where_the_clock_jumps() -> None:
    """An hour is an hour, whatever the clock shows."""
    for day in (SPRING, AUTUMN):
        night = window(
            hours=[{"weekdays": ["sun"], "opens": "00:00", "closes": "06:00"}], at_most=3, apart="1h", seed=str(day)
        )
        since = datetime.combine(day, time(), night.zone)
        moments = [run.at for run in _some_runs(night, 3, since)]
        assert all(later - earlier >= timedelta(hours=1) for earlier, later in pairwise(moments))


def test_holidays_are_kept() -> None:
    """In Berlin the eighth of March, in Bavaria not."""
    daily = {"hours": [{"weekdays": list(Weekday), "opens": "10:00", "closes": "16:00"}], "apart": "1h"}
    days = {}
    for land in ("BE", "BY"):
        made = window(**daily, holidays={"country": "DE", "subdivision": land})
        days[land] = {_local(run, made).date() for run in _some_runs(made, 300)}
    assert date(2027, 3, 8) in days["BY"] - days["BE"]
    assert date(2026, 12, 25) not in days["BY"] | days["BE"]


def test_a_window_without_a_moment_has_no_runs() -> None:
    """It is said to have none; nobody looks for ever."""
    assert _some_runs(window(deadlines=[{"at": "18:00", "before": "9h"}])) == []
    assert next_run(window(experiments=[]), "one", datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_a_run_that_comes_late_or_into_a_closed_window_is_told_why_not() -> None:
    """A scheduler that was down may start a run hours behind its moment."""
    made = window()
    moment = _some_runs(made, 1)[0].at
    assert why_not(made, moment, moment) is None
    assert "too late" in str(why_not(made, moment, moment + LATE + timedelta(seconds=1)))
    night = moment.replace(hour=23)
    assert "the window is closed" in str(why_not(made, night, night))


@pytest.mark.parametrize("experiment_id", ["one", "two", "three"])
def test_a_moment_that_is_drawn_is_a_moment_at_which_the_run_may_begin(experiment_id: str) -> None:
    """The timetable and the guard before the run agree."""
    made = window(hours=[{"weekdays": ["sat"], "opens": "22:00", "closes": "04:00"}], at_most=2)
    for run in _some_runs(made, 40):
        if run.experiment_id == experiment_id:
            assert why_not(made, run.at, run.at) is None
