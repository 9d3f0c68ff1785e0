"""What happened when, read from a journal's entries. Pure: the same journal always gives the same timeline.

Durations between two entries use the monotonic clock; times that come from Airflow or the database are wall times.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from include.chaos.events import (
    AgentStarted,
    BaselineMeasured,
    DagRunObserved,
    Injected,
    InjectionPrepared,
    ProbeSampled,
    Recovered,
    RecoveryFailed,
    RowsVerified,
    RunOpened,
    StageObserved,
    StrikeEnded,
    TwinFound,
    VerdictReached,
    VerificationFailed,
)
from include.chaos.journal import JournalEntry
from include.chaos.model import Moment
from include.errors import JournalError

BLIND_AFTER = timedelta(seconds=2)
"""A probe that gave no sample for longer than this saw nothing: an unbroken streak may not span it."""

_REACTIONS = frozenset({"up_for_retry", "failed", "restarting", "upstream_failed"})

B = TypeVar("B")


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
class StageTry:
    """One try of a stage, in Airflow's own times; `ended_at` is None while it runs."""

    stage: str
    try_number: int
    started_at: datetime
    ended_at: datetime | None
    state: str | None

    def covers(self, at: datetime) -> bool:
        """Tell whether the try was running at that time."""
        return self.started_at <= at and (self.ended_at is None or at <= self.ended_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The times and facts of one experiment run; None is "was not seen"."""

    opened: RunOpened
    baseline: BaselineMeasured | None
    strike_ended: StrikeEnded | None
    injected_at: Instant | None
    effect_at: Instant | None
    effect_probe: str | None
    detected_at: Instant | None
    recovered_at: Instant | None
    recovered: Recovered | None
    recovery_errors: tuple[str, ...]
    steady_at: Instant | None
    landed_at: Instant | None
    dips: tuple[Sample, ...] = field(metadata={"doc": "unhealthy samples that the strike does not explain"})
    blind_spans: tuple[tuple[Instant, Instant], ...]
    stage_tries: tuple[StageTry, ...]
    dag_run: DagRunObserved | None
    twin: TwinFound | None
    rows: RowsVerified | None
    verification_error: str | None
    agent_restarts: int
    open_injections: frozenset[str]

    @property
    def time_to_effect(self) -> timedelta | None:
        """From the injection to the first probe that saw it."""
        return _between(self.injected_at, self.effect_at)

    @property
    def time_to_detect(self) -> timedelta | None:
        """From the injection to the pipeline's first reaction that Airflow knows of."""
        return _between(self.injected_at, self.detected_at)

    @property
    def time_to_recover(self) -> timedelta | None:
        """From the effect to the steady state again."""
        return _between(self.effect_at, self.steady_at)

    @property
    def time_to_land(self) -> timedelta | None:
        """From the injection to the publication of correct data."""
        return _between(self.injected_at, self.landed_at)

    @property
    def slower_than_twin(self) -> timedelta | None:
        """How much longer the DAG run took than its undisturbed twin."""
        if not (self.twin and self.dag_run and self.dag_run.start_date and self.dag_run.end_date):
            return None
        return self.dag_run.end_date - self.dag_run.start_date - timedelta(seconds=self.twin.duration)

    def tries_of(self, stage: str) -> tuple[StageTry, ...]:
        """Give the tries of one stage, in order."""
        return tuple(attempt for attempt in self.stage_tries if attempt.stage == stage)


def build_timeline(entries: Sequence[JournalEntry]) -> Timeline:
    """Read a timeline from a journal; raise `JournalError` when the run was never opened.

    Where a verdict was published, only what it rested on counts, so that it can be computed again.
    """
    if published := _last(entries, VerdictReached):
        entries = entries[: published.judged_until]
    opened = _first(entries, RunOpened)
    if opened is None:
        raise JournalError("the journal does not begin with `run_opened`; it belongs to no experiment run")
    samples = tuple(_samples(entries))
    injected = _first_entry(entries, Injected)
    injected_at = Instant.of(injected) if injected else None
    prepared = _first_entry(entries, InjectionPrepared)
    acting_since = Instant.of(prepared) if prepared and injected else None
    effect = _first_effect(samples, acting_since)
    steady_at = _steady_at(samples, effect.instant, opened) if effect else None
    recovered = _last_entry(entries, Recovered)
    rows = _last(entries, RowsVerified)
    failure = _last(entries, VerificationFailed)
    tries = tuple(_stage_tries(entries))
    return Timeline(
        opened=opened,
        baseline=_last(entries, BaselineMeasured),
        strike_ended=_last(entries, StrikeEnded),
        injected_at=injected_at,
        effect_at=effect.instant if effect else None,
        effect_probe=effect.probe if effect else None,
        detected_at=_first_reaction(entries, injected_at),
        recovered_at=Instant.of(recovered) if recovered else None,
        recovered=_last(entries, Recovered),
        recovery_errors=tuple(error.error for error in _all(entries, RecoveryFailed)),
        steady_at=steady_at,
        landed_at=Instant(at=rows.published_at) if rows and rows.published_at and _is_intact(rows) else None,
        dips=tuple(_unexplained_dips(samples, entries, acting_since, effect, steady_at)),
        blind_spans=tuple(_blind_spans(samples)),
        stage_tries=tries,
        dag_run=_last(entries, DagRunObserved),
        twin=_last(entries, TwinFound),
        rows=rows,
        verification_error=failure.error if failure and not rows else None,
        agent_restarts=len(_all(entries, AgentStarted)),
        open_injections=frozenset(e.injection_id for e in _all(entries, InjectionPrepared))
        - {e.injection_id for e in _all(entries, Recovered)},
    )


def _is_intact(rows: RowsVerified) -> bool:
    return rows.manifest.lost == 0 and all(relation.intact for relation in rows.relations)


def _between(start: Instant | None, end: Instant | None) -> timedelta | None:
    """Measure between two instants; a probe may see a fault a moment before the injection is confirmed: that is 0."""
    return max(start.until(end), timedelta(0)) if start and end else None


def _entries_of(entries: Iterable[JournalEntry], kind: type[B]) -> Iterator[tuple[JournalEntry, B]]:
    return ((entry, entry.body) for entry in entries if isinstance(entry.body, kind))


def _all(entries: Iterable[JournalEntry], kind: type[B]) -> list[B]:
    return [body for _, body in _entries_of(entries, kind)]


def _first(entries: Iterable[JournalEntry], kind: type[B]) -> B | None:
    return next((body for _, body in _entries_of(entries, kind)), None)


def _last(entries: Iterable[JournalEntry], kind: type[B]) -> B | None:
    found = _all(entries, kind)
    return found[-1] if found else None


def _first_entry(entries: Iterable[JournalEntry], kind: type[B]) -> JournalEntry | None:
    return next((entry for entry, _ in _entries_of(entries, kind)), None)


def _last_entry(entries: Sequence[JournalEntry], kind: type[B]) -> JournalEntry | None:
    return _first_entry(reversed(entries), kind)


def _samples(entries: Iterable[JournalEntry]) -> Iterator[Sample]:
    for entry, sampled in _entries_of(entries, ProbeSampled):
        look = sampled.measurement
        yield Sample(instant=Instant.of(entry), probe=sampled.probe, ok=look.ok, error=look.error)


def _first_effect(samples: Iterable[Sample], acting_since: Instant | None) -> Sample | None:
    if acting_since is None:
        return None
    return next((s for s in samples if not s.ok and s.instant.at >= acting_since.at), None)


def _steady_at(samples: Iterable[Sample], effect_at: Instant, opened: RunOpened) -> Instant | None:
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
        if len(healthy_since) == len(opened.probes):
            began = max(healthy_since.values(), key=lambda instant: instant.at)
            if began.until(sample.instant) >= opened.settle_for:
                return began
    return None


def _unexplained_dips(
    samples: Iterable[Sample],
    entries: Sequence[JournalEntry],
    acting_since: Instant | None,
    effect: Sample | None,
    steady_at: Instant | None,
) -> Iterator[Sample]:
    """Give unhealthy samples between the baseline and the strike, and after the steady state had returned."""
    baseline = _first_entry(entries, BaselineMeasured)
    if baseline is None:
        return
    for sample in samples:
        if sample.ok or sample.instant.at < baseline.at:
            continue
        before_strike = acting_since is None or sample.instant.at < acting_since.at
        after_recovery = effect is not None and steady_at is not None and sample.instant.at > steady_at.at
        if before_strike or after_recovery:
            yield sample


def _blind_spans(samples: Iterable[Sample]) -> Iterator[tuple[Instant, Instant]]:
    last_look: dict[str, Instant] = {}
    for sample in samples:
        previous = last_look.get(sample.probe)
        if previous and previous.until(sample.instant) > BLIND_AFTER:
            yield previous, sample.instant
        last_look[sample.probe] = sample.instant


def _first_reaction(entries: Iterable[JournalEntry], injected_at: Instant | None) -> Instant | None:
    if injected_at is None:
        return None
    for entry, seen in _entries_of(entries, StageObserved):
        if entry.at >= injected_at.at and seen.state in _REACTIONS:
            return Instant.of(entry)
    return None


def _stage_tries(entries: Iterable[JournalEntry]) -> Iterator[StageTry]:
    latest: dict[tuple[str, int], StageObserved] = {}
    for _, seen in _entries_of(entries, StageObserved):
        if seen.start_date is not None:
            latest[seen.stage, seen.try_number] = seen
    for (stage, number), seen in latest.items():
        if seen.start_date is not None:
            yield StageTry(
                stage=stage,
                try_number=number,
                started_at=seen.start_date,
                ended_at=seen.end_date,
                state=seen.state,
            )
