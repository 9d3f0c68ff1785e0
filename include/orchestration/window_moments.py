"""At which moments a window's experiments begin: pure, and the same whoever asks, whenever they ask.

A year's moments are drawn opening by opening, each away from those before it. So that the years need not know each
other, nothing begins within `apart` of a year's end.
"""

import hashlib
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from include.orchestration.windows import Hours, Weekday, Window

LATE = timedelta(minutes=15)
"""A run that begins later than this behind its moment does not run: others may be drawn close by."""

_YEARS_IN_SIGHT = 2
"""This year and the next: where these have no moment left, nobody looks further."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """An experiment, and when it begins."""

    at: datetime
    experiment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time from `begin` up to `end`, which does not belong to it; both in UTC, where all hours are equally long."""

    begin: datetime
    end: datetime

    def without(self, other: "Span") -> Iterator["Span"]:
        """Give what is left of it."""
        for begin, end in ((self.begin, min(self.end, other.begin)), (max(self.begin, other.end), self.end)):
            if begin < end:
                yield Span(begin=begin, end=end)


def runs_after(window: Window, after: datetime) -> Iterator[PlannedRun]:
    """Give the runs that begin behind a moment, in order, as far as anybody looks ahead."""
    first = after.astimezone(window.zone).year
    for year in range(first, first + _YEARS_IN_SIGHT):
        yield from (run for run in _runs_of_year(window, year) if run.at > after)


def next_run(window: Window, experiment_id: str, after: datetime) -> datetime | None:
    """Give the moment behind another at which an experiment begins; None when there is none in sight."""
    return next((run.at for run in runs_after(window, after) if run.experiment_id == experiment_id), None)


def why_not(window: Window, planned: datetime, now: datetime) -> str | None:
    """Say why a run that was planned may not begin now; None when it may."""
    if now - planned > LATE:
        return f"it comes {now - planned} too late; {LATE} are allowed"
    openings = (opening for day in _days_around(now, window.zone) for opening in _openings(window, day))
    if not any(span.begin <= now < span.end for opening in openings for span in opening):
        return f"the window is closed at {now.astimezone(window.zone):%Y-%m-%d %H:%M} {window.timezone}"
    return None


@lru_cache(maxsize=64)
def _runs_of_year(window: Window, year: int) -> tuple[PlannedRun, ...]:
    end = _earliest(date(year + 1, 1, 1), time(), window.zone)
    rest = Span(begin=end - window.apart, end=end + 2 * _DAY)
    runs: list[PlannedRun] = []
    for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days):
        for opening in _openings(window, date(year, 1, 1) + number * _DAY):
            runs += _draw(window, list(_subtract(opening, [rest])), runs)
    return tuple(sorted(runs, key=lambda run: run.at))


def _draw(window: Window, opening: Sequence[Span], before: Sequence[PlannedRun]) -> list[PlannedRun]:
    """Draw the experiments of one opening and their moments, in an order that is drawn, too."""
    drawn: list[PlannedRun] = []
    if not opening:
        return drawn
    name = f"{window.seed}/{opening[0].begin.isoformat()}"
    near = [run for run in before if run.at > opening[0].begin - window.apart]
    for experiment_id in sorted(window.experiments, key=lambda one: _hash(f"{name}/{one}")):
        if len(drawn) == window.at_most:
            break
        if free := list(_subtract(opening, [_around(run.at, window.apart) for run in [*near, *drawn]])):
            drawn.append(PlannedRun(at=_pick(free, f"{name}/{experiment_id}/moment"), experiment_id=experiment_id))
    return drawn


def _pick(free: Sequence[Span], name: str) -> datetime:
    """Pick a whole second of what is free, all of them equally likely."""
    seconds = [max(1, int((span.end - span.begin).total_seconds())) for span in free]
    number = _hash(name) % sum(seconds)
    for span, length in zip(free, seconds, strict=True):
        if number < length:
            return span.begin + timedelta(seconds=number)
        number -= length
    raise AssertionError("a number below a sum lies within one of its parts")


def _openings(window: Window, day: date) -> Iterator[list[Span]]:
    """Give the openings that begin on a day, each as the spans of it in which something may begin."""
    for hours in window.hours:
        if list(Weekday)[day.weekday()] in hours.weekdays and (whole := _whole_opening(hours, day, window.zone)):
            yield list(_subtract([whole], _forbidden(window, day)))


def _whole_opening(hours: Hours, day: date, zone: ZoneInfo) -> Span | None:
    """Give the time in which every clock shows a time of the opening.

    A clock time that is skipped or comes twice has two readings; the later of the first and the earlier of the last
    are within it under both.
    """
    begin = _latest(day, hours.opens, zone)
    end = _earliest(day if hours.opens < hours.closes else day + _DAY, hours.closes, zone)
    return Span(begin=begin, end=end) if begin < end else None


def _forbidden(window: Window, day: date) -> Iterator[Span]:
    off = _public_holidays(window)
    for near in (day - _DAY, day, day + _DAY, day + 2 * _DAY):
        if near in off or any(blackout.first <= near <= blackout.last for blackout in window.blackouts):
            midnight, next_midnight = (near, time()), (near + _DAY, time())
            yield Span(begin=_earliest(*midnight, window.zone), end=_latest(*next_midnight, window.zone))
        for deadline in window.deadlines:
            yield Span(
                begin=_earliest(near, deadline.at, window.zone) - deadline.before,
                end=_latest(near, deadline.at, window.zone) + max(deadline.after, timedelta(seconds=1)),
            )


def _public_holidays(window: Window) -> Container[date]:
    if window.holidays is None:
        return ()
    return _holidays_of(window.holidays.country, window.holidays.subdivision)


@lru_cache(maxsize=16)
def _holidays_of(country: str, subdivision: str | None) -> Container[date]:
    import holidays  # takes half a second, so only where it is needed

    return holidays.country_holidays(country, subdiv=subdivision)


def _subtract(spans: Iterable[Span], taken: Iterable[Span]) -> Iterable[Span]:
    left = list(spans)
    for span in taken:
        left = [rest for one in left for rest in one.without(span)]
    return left


def _around(moment: datetime, apart: timedelta) -> Span:
    return Span(begin=moment - apart + timedelta(seconds=1), end=moment + apart)


def _days_around(moment: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """Give the days on which an opening may have begun that is open now."""
    today = moment.astimezone(zone).date()
    return today - _DAY, today


def _earliest(day: date, at: time, zone: ZoneInfo) -> datetime:
    return min(_readings(day, at, zone))


def _latest(day: date, at: time, zone: ZoneInfo) -> datetime:
    return max(_readings(day, at, zone))


def _readings(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Give both readings of a local time, in UTC; they differ where clocks are changed."""
    return tuple(datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
