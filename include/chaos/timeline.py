"""What happened when, read from a journal's entries. Pure: the same journal always gives the same timeline.

Durations between two entries use the monotonic clock; times that come from Airflow or the database are wall times.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from include.chaos.consumer_events import WritersRead
from include.chaos.consumer_reads import ConsumerReads, read_consumer
from include.chaos.entries import bodies, first, first_instant, last
from include.chaos.events import (
    AgentStarted,
    BaselineMeasured,
    BaselineRowsVerified,
    DagRunObserved,
    ExperimentAborted,
    Halted,
    ManifestFrozen,
    PipelineStarted,
    RowsVerified,
    RunOpened,
    StageObserved,
    TwinFound,
    VerdictReached,
    VerificationFailed,
)
from include.chaos.journal import JournalEntry
from include.chaos.layers import Layer
from include.chaos.steadiness import Instant, Sample, between, blind_spans, read_samples
from include.chaos.strike_facts import StrikeFacts, read_strikes
from include.errors import JournalError

_REACTIONS = frozenset({"up_for_retry", "failed", "restarting", "upstream_failed"})


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

    def bore(self, strike: StrikeFacts) -> bool:
        """Tell whether it was running when the strike had come, or was ended or seen to be hit while that came."""
        if strike.injected_at is None or strike.acting_since is None:
            return False
        if self.covers(strike.injected_at.at):
            return True
        hit = strike.effect is not None and self.covers(strike.effect.instant.at)
        return self.covers(strike.acting_since.at) and (self.state != "success" or hit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The times and facts of one experiment run; None is "was not seen".

    With several strikes, `injected_at` and `effect_at` are of the first, `recovered_at` and `steady_at` of the last.
    """

    opened: RunOpened
    baseline: BaselineMeasured | None
    strikes: tuple[StrikeFacts, ...]
    injected_at: Instant | None
    effect_at: Instant | None
    detected_at: Instant | None
    recovered_at: Instant | None
    steady_at: Instant | None
    landed_at: Instant | None
    silent_probes: tuple[str, ...] = field(metadata={"doc": "probes that gave no look before the first strike"})
    dips: tuple[Sample, ...] = field(metadata={"doc": "unhealthy samples that no strike explains"})
    blind_spans: tuple[tuple[Instant, Instant], ...]
    stage_tries: tuple[StageTry, ...]
    dag_run: DagRunObserved | None
    twin: TwinFound | None
    rows: RowsVerified | None
    verification_error: str | None
    agent_starts: tuple[AgentStarted, ...]
    aborted: ExperimentAborted | None
    halts: tuple[Halted, ...]
    reads: ConsumerReads | None = None
    writers: WritersRead | None = None
    ablated: tuple[Layer, ...] = ()
    manifest_frozen: ManifestFrozen | None = None
    baseline_rows: BaselineRowsVerified | None = None

    @property
    def agent_restarts(self) -> int:
        """How often an agent took the journal over."""
        return len(self.agent_starts)

    @property
    def open_injections(self) -> frozenset[str]:
        """The injections of which no undo is confirmed."""
        return frozenset[str]().union(*(strike.open_injections for strike in self.strikes))

    @property
    def time_to_effect(self) -> timedelta | None:
        """From the injection to the first probe that saw it."""
        return between(self.injected_at, self.effect_at)

    @property
    def time_to_detect(self) -> timedelta | None:
        """From the injection to the pipeline's first reaction that Airflow knows of."""
        return between(self.injected_at, self.detected_at)

    @property
    def time_to_recover(self) -> timedelta | None:
        """From the first effect to the steady state after the last."""
        return between(self.effect_at, self.steady_at)

    @property
    def time_to_land(self) -> timedelta | None:
        """From the injection to the publication of correct data."""
        return between(self.injected_at, self.landed_at)

    @property
    def slower_than_twin(self) -> timedelta | None:
        """How much longer the DAG run took than its undisturbed twin."""
        if not (self.twin and self.dag_run and self.dag_run.start_date and self.dag_run.end_date):
            return None
        return self.dag_run.end_date - self.dag_run.start_date - timedelta(seconds=self.twin.duration)

    @property
    def manifest_changed(self) -> bool | None:
        """Whether the manifest is another one than was frozen; None where it was not seen at both times."""
        digest = self.rows.manifest_digest if self.rows else None
        return digest != self.manifest_frozen.digest if digest and self.manifest_frozen else None

    @property
    def lateness(self) -> timedelta | None:
        """How much later than the contract's freshness allows this run's rows were published; negative in time."""
        if not (self.opened.freshness and self.dag_run and self.dag_run.start_date and self.landed_at):
            return None
        return self.landed_at.at - self.dag_run.start_date - self.opened.freshness

    def tries_of(self, stage: str) -> tuple[StageTry, ...]:
        """Give the tries of one stage, in order."""
        return tuple(attempt for attempt in self.stage_tries if attempt.stage == stage)


def build_timeline(entries: Sequence[JournalEntry]) -> Timeline:
    """Read a timeline from a journal; raise `JournalError` when the run was never opened.

    Where a verdict was published, only what it rested on counts, so that it can be computed again.
    """
    if published := last(entries, VerdictReached):
        entries = entries[: published.judged_until]
    opened = first(entries, RunOpened)
    if opened is None:
        raise JournalError("the journal does not begin with `run_opened`; it belongs to no experiment run")
    samples = tuple(read_samples(entries))
    strikes = read_strikes(entries, samples, opened)
    injected_at = _earliest(strike.injected_at for strike in strikes)
    rows, verification_error = _verified(entries)
    return Timeline(
        opened=opened,
        baseline=last(entries, BaselineMeasured),
        strikes=strikes,
        injected_at=injected_at,
        effect_at=_earliest(strike.effect.instant for strike in strikes if strike.effect),
        detected_at=_first_reaction(entries, injected_at),
        recovered_at=_latest(strike.recovered_at for strike in strikes),
        steady_at=_steady_after_all(strikes),
        landed_at=_landed_at(rows, opened),
        silent_probes=_silent_probes(opened, samples, strikes),
        dips=tuple(_unexplained_dips(samples, first_instant(entries, BaselineMeasured), strikes)),
        blind_spans=tuple(blind_spans(samples)),
        stage_tries=tuple(_stage_tries(entries)),
        dag_run=last(entries, DagRunObserved),
        twin=last(entries, TwinFound),
        rows=rows,
        verification_error=verification_error,
        agent_starts=tuple(bodies(entries, AgentStarted)),
        aborted=first(entries, ExperimentAborted),
        halts=tuple(bodies(entries, Halted)),
        reads=read_consumer(entries, opened.dag_run_id),
        writers=last(entries, WritersRead),
        ablated=started.ablated if (started := first(entries, PipelineStarted)) else (),
        manifest_frozen=first(entries, ManifestFrozen),
        baseline_rows=last(entries, BaselineRowsVerified),
    )


def _verified(entries: Sequence[JournalEntry]) -> tuple[RowsVerified | None, str | None]:
    """Give the last comparison of the rows, or why there is none; one that failed is not made good by an earlier."""
    for entry in reversed(entries):
        match entry.body:
            case RowsVerified():
                return entry.body, None
            case VerificationFailed(error=error):
                return None, error
            case _:
                pass
    return None, None


def _landed_at(rows: RowsVerified | None, opened: RunOpened) -> Instant | None:
    """Give when this run published correct data; what another run published is not its landing."""
    if rows is None or rows.published_at is None or rows.published_dag_run_id != opened.dag_run_id:
        return None
    return Instant(at=rows.published_at) if _is_intact(rows) else None


def _is_intact(rows: RowsVerified) -> bool:
    if rows.quarantine and rows.quarantine.without_reason:
        return False
    return not (rows.manifest and rows.manifest.lost) and all(relation.intact for relation in rows.relations)


def _earliest(instants: Iterable[Instant | None]) -> Instant | None:
    return min((instant for instant in instants if instant), key=lambda instant: instant.at, default=None)


def _latest(instants: Iterable[Instant | None]) -> Instant | None:
    return max((instant for instant in instants if instant), key=lambda instant: instant.at, default=None)


def _steady_after_all(strikes: Sequence[StrikeFacts]) -> Instant | None:
    """Give when all was steady after the last effect; None while the steady state is not back after one of them."""
    seen = [strike for strike in strikes if strike.effect]
    if any(strike.steady_at is None for strike in seen):
        return None
    return _latest(strike.steady_at for strike in seen)


def _silent_probes(opened: RunOpened, samples: Sequence[Sample], strikes: Sequence[StrikeFacts]) -> tuple[str, ...]:
    struck_at = _earliest(strike.acting_since for strike in strikes)
    looked = {sample.probe for sample in samples if struck_at is None or sample.instant.at < struck_at.at}
    return tuple(probe for probe in opened.probes if probe not in looked)


def _unexplained_dips(
    samples: Iterable[Sample], baseline_at: Instant | None, strikes: Sequence[StrikeFacts]
) -> Iterator[Sample]:
    """Give unhealthy samples between the baseline and the first strike, and after the steady state had returned."""
    if baseline_at is None:
        return
    begun = [(strike.acting_since.at, strike.steady_at) for strike in strikes if strike.acting_since]
    for sample in samples:
        at = sample.instant.at
        if sample.ok or at < baseline_at.at:
            continue
        last_strike = max((strike for strike in begun if strike[0] <= at), key=lambda strike: strike[0], default=None)
        steady_at = last_strike[1] if last_strike else None
        if last_strike is None or (steady_at and steady_at.at < at):
            yield sample


def _first_reaction(entries: Iterable[JournalEntry], injected_at: Instant | None) -> Instant | None:
    if injected_at is None:
        return None
    tries_before: set[tuple[str, int]] = set()
    for entry in entries:
        seen = entry.body
        if not isinstance(seen, StageObserved):
            continue
        if entry.at < injected_at.at:
            tries_before.add((seen.stage, seen.try_number))
        elif seen.state in _REACTIONS:
            return _own_time(seen.end_date, injected_at, entry)
        elif _is_new_try(seen, tries_before):
            return _own_time(seen.end_date or seen.start_date, injected_at, entry)
    return None


def _is_new_try(seen: StageObserved, tries_before: Container[tuple[str, int]]) -> bool:
    """Tell whether a stage is tried again; a task that is reset with its scheduler is never seen to fail first."""
    return seen.try_number > 1 and (seen.stage, seen.try_number) not in tries_before


def _own_time(told: datetime | None, injected_at: Instant, entry: JournalEntry) -> Instant:
    """Give Airflow's own time of it, for who asks may be shut out for a while; else when it was seen."""
    is_of_now = told is not None and injected_at.at <= told <= entry.at
    return Instant(at=told) if told and is_of_now else Instant.of(entry)


def _stage_tries(entries: Iterable[JournalEntry]) -> Iterator[StageTry]:
    latest = {(seen.stage, seen.try_number): seen for seen in bodies(entries, StageObserved) if seen.start_date}
    for (stage, number), seen in latest.items():
        if seen.start_date is not None:
            yield StageTry(
                stage=stage,
                try_number=number,
                started_at=seen.start_date,
                ended_at=seen.end_date,
                state=seen.state,
            )
