"""When strikes were asked for and when they were done, from a journal alone. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.chaos.events import StageObserved, StrikePointReached
from include.chaos.journal import JournalEntry
from include.chaos.statistics import DurationStatistics, Observation, summarise_duration
from include.chaos.steadiness import Instant
from include.chaos.strike_facts import StrikeFacts
from include.chaos.timeline import build_timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeTiming:
    """How far one strike was off: late is positive."""

    start_error: timedelta
    hold_error: timedelta
    lag: timedelta
    """From the stage's own start, as Airflow tells it, to `strike_point_reached`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reached:
    """A strike point, and when each stage had last begun by then."""

    instant: Instant
    begun: Mapping[str, datetime]


def read_timings(entries: Sequence[JournalEntry]) -> list[StrikeTiming]:
    """Give the errors of every strike that struck and was held; the others have none."""
    reached = _reached(entries)
    strikes = build_timeline(entries).strikes
    return [
        timing
        for strike in strikes
        if (point := reached.get(strike.planned.name)) and (timing := _timing(strike, point))
    ]


def seen_running_after(entries: Iterable[JournalEntry]) -> list[timedelta]:
    """Give for each stage that was seen to run how long after its own start that was."""
    first: dict[tuple[str, int], timedelta] = {}
    for entry in entries:
        match entry.body:
            case StageObserved(stage=stage, state="running", try_number=number, start_date=began) if began:
                first.setdefault((stage, number), entry.at - began)
            case _:
                pass
    return list(first.values())


def spread(durations: Iterable[timedelta]) -> DurationStatistics:
    """Give the quantiles of what was measured, by size alone: early is as wrong as late."""
    return summarise_duration([Observation(duration=abs(duration), censored=False) for duration in durations])


def _reached(entries: Iterable[JournalEntry]) -> dict[str, _Reached]:
    begun: dict[str, datetime] = {}
    reached: dict[str, _Reached] = {}
    for entry in entries:
        match entry.body:
            case StageObserved(stage=stage, start_date=start) if start:
                begun[stage] = start
            case StrikePointReached(strike=strike):
                reached[strike] = _Reached(instant=Instant.of(entry), begun=dict(begun))
            case _:
                pass
    return reached


def _timing(strike: StrikeFacts, reached: _Reached) -> StrikeTiming | None:
    point = strike.planned.strike_point
    if strike.injected_at is None or strike.held_for is None or point.stage not in reached.begun:
        return None
    return StrikeTiming(
        start_error=reached.instant.until(strike.injected_at) - point.after,
        hold_error=strike.held_for - strike.planned.hold_for,
        lag=reached.instant.at - reached.begun[point.stage],
    )
