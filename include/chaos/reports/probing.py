"""What every probe measured before, during and after the faults, as figures and as the points of a plot. Pure."""

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from pydantic import computed_field

from include.chaos.events import ProbeSampled
from include.chaos.journal import JournalEntry
from include.chaos.model import Moment
from include.chaos.reports.course import FaultWindow
from include.chaos.reports.section import Part, Section, Text, counted, say_share
from include.chaos.reports.thinning import thin
from include.chaos.timeline import Timeline
from include.chaos.tolerances import number_of

BUCKETS = 600
"""Pixels that a plot of a probe has on a screen of ordinary width: finer than that nobody sees."""

ROWS = 24
"""Lines in the table that says what a plot shows."""


Stretch = tuple[datetime, datetime | None]


class Period(StrEnum):
    """Parts of a run: before the first fault, while one is in force, until all is steady again, and after that."""

    BEFORE = "before"
    DURING = "during"
    RECOVERING = "recovering"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Where the periods of a run lie; a stretch without an end lasts until the journal's."""

    faults: tuple[Stretch, ...]
    recoveries: tuple[Stretch, ...]

    def period_of(self, at: datetime) -> Period:
        """Tell in which period a moment lies; without a fault all is before it."""
        if not self.faults or at < min(begins for begins, _ in self.faults):
            return Period.BEFORE
        if any(_holds(stretch, at) for stretch in self.faults):
            return Period.DURING
        return Period.RECOVERING if any(_holds(stretch, at) for stretch in self.recoveries) else Period.AFTER


def divide(faults: Sequence[FaultWindow], timeline: Timeline) -> Division:
    """Divide a run by its faults, and by when the steady state was back after those of which an effect was seen."""
    return Division(
        faults=tuple((fault.begins, fault.ends) for fault in faults),
        recoveries=tuple(
            (strike.injected_at.at, strike.steady_at.at if strike.steady_at else None)
            for strike in timeline.strikes
            if strike.injected_at and strike.effect
        ),
    )


def _holds(stretch: Stretch, at: datetime) -> bool:
    begins, ends = stretch
    return begins <= at and (ends is None or at < ends)


class Figures(Part):
    """What a number was over several looks; `p95` is the least value that 95% of the looks do not exceed."""

    median: float
    p95: float
    min: float
    max: float


class Look(Part):
    """One look; `value` is None where it was no number, or where none could be taken."""

    at: Moment
    ok: bool
    value: float | None
    latency: float
    missed: int


class LooksIn(Part):
    """The looks in one stretch of a run; `value` and `latency` (seconds) are None where no look gave one."""

    looks: int
    healthy: int
    missed: int
    value: Figures | None
    latency: Figures | None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def share_healthy(self) -> float | None:
        """Healthy looks among all that were taken; None where none was."""
        return self.healthy / self.looks if self.looks else None


class PeriodLooks(LooksIn):
    """A probe's looks in one period."""

    period: Period


class SpanLooks(LooksIn):
    """A probe's looks in one of the equal spans that its plot's table has."""

    begins: Moment
    lasts: timedelta


class ProbeAccount(Part):
    """One probe: figures by period, the points that its plot shows out of `looks`, and these again by equal spans."""

    probe: Text
    looks: int
    last_error: Text | None
    periods: tuple[PeriodLooks, ...]
    points: tuple[Look, ...]
    spans: tuple[SpanLooks, ...]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def essence(self) -> str:
        """What the figures say, in words."""
        return "; ".join(_say_period(period) for period in self.periods) + "."

    @property
    def is_thinned(self) -> bool:
        """Whether the plot leaves looks out."""
        return len(self.points) < self.looks


class Probing(Section):
    """All probes, in the plan's order."""

    heading: ClassVar = "Probes before, during and after"
    probes: tuple[ProbeAccount, ...]


def read_probing(entries: Sequence[JournalEntry], timeline: Timeline, faults: Sequence[FaultWindow]) -> Probing:
    """Read each probe's account, in the plan's order."""
    looks: dict[str, list[Look]] = {probe: [] for probe in timeline.opened.probes}
    errors: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry.body, ProbeSampled):
            looks.setdefault(entry.body.probe, []).append(_look(entry.at, entry.body))
            if entry.body.measurement.error:
                errors[entry.body.probe] = entry.body.measurement.error
    division = divide(faults, timeline)
    return Probing(probes=tuple(_account(probe, own, errors.get(probe), division) for probe, own in looks.items()))


def _look(at: datetime, sampled: ProbeSampled) -> Look:
    seen = sampled.measurement
    return Look(at=at, ok=seen.ok, value=number_of(seen.value), latency=seen.latency, missed=sampled.missed)


def _account(probe: str, looks: Sequence[Look], error: str | None, division: Division) -> ProbeAccount:
    by_period: dict[Period, list[Look]] = {period: [] for period in Period}
    for look in looks:
        by_period[division.period_of(look.at)].append(look)
    return ProbeAccount(
        probe=probe,
        looks=len(looks),
        last_error=error,
        periods=tuple(PeriodLooks(period=period, **_summary(own)) for period, own in by_period.items()),
        points=thin(looks, BUCKETS),
        spans=tuple(_spans(looks)),
    )


def _summary(looks: Sequence[Look]) -> dict[str, object]:
    return {
        "looks": len(looks),
        "healthy": sum(look.ok for look in looks),
        "missed": sum(look.missed for look in looks),
        "value": figures(look.value for look in looks if look.value is not None),
        "latency": figures(look.latency for look in looks),
    }


def figures(numbers: Iterable[float]) -> Figures | None:
    """Summarise numbers; None where there are none. What is no finite number is none."""
    known = sorted(number for number in numbers if math.isfinite(number))
    if not known:
        return None
    p95 = known[math.ceil(0.95 * len(known)) - 1]
    low, high = statistics.median_low(known), statistics.median_high(known)
    median = low / 2 + high / 2 if low < high else low  # halved first, for a sum may be too large for a float
    return Figures(median=median, p95=p95, min=known[0], max=known[-1])


def _spans(looks: Sequence[Look]) -> Iterator[SpanLooks]:
    if not looks:
        return
    lasts = (looks[-1].at - looks[0].at) / ROWS or timedelta(microseconds=1)
    spans: list[list[Look]] = [[] for _ in range(ROWS)]
    for look in looks:
        spans[max(min(int((look.at - looks[0].at) / lasts), ROWS - 1), 0)].append(look)
    for number, own in enumerate(spans):
        yield SpanLooks(begins=looks[0].at + number * lasts, lasts=lasts, **_summary(own))


def _say_period(looks: PeriodLooks) -> str:
    share = looks.share_healthy
    return f"{looks.period}: " + (
        "not measured" if share is None else f"{say_share(share)} of {counted(looks.looks, 'look')} healthy"
    )
