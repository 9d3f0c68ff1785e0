"""When strikes were asked for and when they were done, from a journal alone. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from include.chaos.entries import bodies
from include.chaos.events import LeaseArmed, StageObserved, StrikePointReached
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


def read_timings(entries: Sequence[JournalEntry]) -> list[StrikeTiming]:
    """Give the errors of every strike that struck and was held; the others have none."""
    reached = {entry.body.strike: Instant.of(entry) for entry in entries if isinstance(entry.body, StrikePointReached)}
    started = {seen.stage: seen for seen in bodies(entries, StageObserved) if seen.start_date}
    strikes = build_timeline(entries).strikes
    return [
        timing
        for strike in strikes
        if strike.planned.name in reached
        and (stage := started.get(strike.planned.strike_point.stage))
        and (timing := _timing(strike, reached[strike.planned.name], stage))
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


def armed(entries: Iterable[JournalEntry]) -> int:
    """Count the strikes that were armed."""
    return len({lease.lease.strike for lease in bodies(entries, LeaseArmed)})


def _timing(strike: StrikeFacts, reached: Instant, stage: StageObserved) -> StrikeTiming | None:
    if strike.injected_at is None or strike.held_for is None or stage.start_date is None:
        return None
    return StrikeTiming(
        start_error=reached.until(strike.injected_at) - strike.planned.strike_point.after,
        hold_error=strike.held_for - strike.planned.hold_for,
        lag=reached.at - stage.start_date,
    )
