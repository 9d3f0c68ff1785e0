"""What the probes' looks say: effects of strikes, the steady state's return, dips and blindness. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from include.chaos.events import ProbeSampled
from include.chaos.journal import JournalEntry
from include.chaos.model import Moment

BLIND_AFTER = timedelta(seconds=2)
"""A probe that gave no sample for longer than this saw nothing: an unbroken streak may not span it."""

EFFECT_WITHIN = timedelta(seconds=10)
"""What breaks later than this after a strike's undo is not the strike's effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A point in time; without `mono` it comes from another process's clock."""

    at: Moment
    mono: float | None = None

    @classmethod
    def of(cls, entry: JournalEntry) -> "Instant":
        """Give the instant at which an entry was written."""
        return cls(at=entry.at, mono=entry.mono)

    def until(self, later: "Instant") -> timedelta:
        """Measure from here to `later`, monotonically unless the machine restarted in between or a clock is missing."""
        if self.mono is not None and later.mono is not None and later.mono >= self.mono:
            return timedelta(seconds=later.mono - self.mono)
        return later.at - self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look of one probe."""

    instant: Instant
    probe: str
    ok: bool
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time in which an effect is a strike's own: from its first act until the next one's, or well past its undo."""

    begins: Instant
    ends: Moment | None

    def covers(self, instant: Instant) -> bool:
        """Tell whether an instant lies within."""
        return self.begins.at <= instant.at and (self.ends is None or instant.at < self.ends)


def between(start: Instant | None, end: Instant | None) -> timedelta | None:
    """Measure between two instants; a probe may see a fault a moment before the injection is confirmed: that is 0."""
    return max(start.until(end), timedelta(0)) if start and end else None


def read_samples(entries: Iterable[JournalEntry]) -> Iterator[Sample]:
    """Give every look in a journal."""
    for entry in entries:
        if isinstance(entry.body, ProbeSampled):
            look = entry.body.measurement
            yield Sample(instant=Instant.of(entry), probe=entry.body.probe, ok=look.ok, error=look.error)


def first_effect(samples: Iterable[Sample], span: Span) -> Sample | None:
    """Find the first probe that went out of tolerance within the span; one that was out before tells nothing."""
    was_ok: dict[str, bool] = {}
    for sample in samples:
        if not sample.ok and was_ok.get(sample.probe, True) and span.covers(sample.instant):
            return sample
        was_ok[sample.probe] = sample.ok
    return None


def out_of_tolerance_at(samples: Iterable[Sample], instant: Instant) -> frozenset[str]:
    """Name the probes whose last look before an instant was out of tolerance."""
    was_ok = {sample.probe: sample.ok for sample in samples if sample.instant.at < instant.at}
    return frozenset(probe for probe, ok in was_ok.items() if not ok)


def last_broken(samples: Iterable[Sample], effect: Sample, until: Moment | None) -> Instant:
    """Find the last look out of tolerance from an effect on while its fault was in force, and nobody else's.

    A fault may come and go, so a healthy look in between is no return. `until` is when the fault was being undone.
    """
    broken = effect.instant
    for sample in samples:
        if not sample.ok and broken.at <= sample.instant.at and (until is None or sample.instant.at < until):
            broken = sample.instant
    return broken


def steady_since(
    samples: Iterable[Sample], effect_at: Instant, probes: Sequence[str], settle_for: timedelta
) -> Instant | None:
    """Find when all probes began to hold together, for at least `settle_for` and without a blind span."""
    healthy_since: dict[str, Instant] = {}
    last_look: dict[str, Instant] = {}
    for sample in samples:
        if sample.instant.at < effect_at.at:
            continue
        was_blind = sample.probe in last_look and last_look[sample.probe].until(sample.instant) > BLIND_AFTER
        last_look[sample.probe] = sample.instant
        if not sample.ok:
            healthy_since.pop(sample.probe, None)
            continue
        if was_blind or sample.probe not in healthy_since:
            healthy_since[sample.probe] = sample.instant
        if len(healthy_since) == len(probes):
            began = max(healthy_since.values(), key=lambda instant: instant.at)
            if began.until(sample.instant) >= settle_for:
                return began
    return None


def blind_spans(samples: Iterable[Sample]) -> Iterator[tuple[Instant, Instant]]:
    """Give the spans in which a probe gave no look."""
    last_look: dict[str, Instant] = {}
    for sample in samples:
        previous = last_look.get(sample.probe)
        if previous and previous.until(sample.instant) > BLIND_AFTER:
            yield previous, sample.instant
        last_look[sample.probe] = sample.instant
