"""Write one of our journals as the Chaos Toolkit's, for its reports.

Their `completed` and not `deviated` is what their command exits with 0 on. Here only `passed` becomes that; see `ENDS`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from include.chaos.documents import parse_document
from include.chaos.entries import first_instant, last, last_instant
from include.chaos.events import BaselineMeasured, ProbeSampled, StrikeEnded, VerdictReached
from include.chaos.experiment import Experiment, Strike
from include.chaos.interop.chaos_toolkit_journal import (
    ActivityRun,
    ActivityStatus,
    ChaosToolkitJournal,
    JournalStatus,
    OurVerdict,
    ProbeRun,
    RecordedActivity,
    RecordedExperiment,
    RecordedHypothesis,
    RecordedProbe,
    RecordedProvider,
    SteadyStateOutcome,
    SteadyStates,
)
from include.chaos.journal import JournalEntry
from include.chaos.model import Measurement, StrikeOutcome, Verdict, VerdictValue
from include.chaos.probes.catalogue import Probe
from include.chaos.steadiness import Instant
from include.chaos.strike_facts import StrikeFacts
from include.chaos.timeline import Timeline, build_timeline
from include.chaos.verdict import judge

ENDS = {
    VerdictValue.PASSED: (JournalStatus.COMPLETED, False),
    VerdictValue.FAILED: (JournalStatus.COMPLETED, True),
    VerdictValue.NOT_EXERCISED: (JournalStatus.ABORTED, False),
    VerdictValue.INCONCLUSIVE: (JournalStatus.FAILED, False),
}
"""Status and `deviated` of each verdict: a claim that was not tested neither completed nor deviated."""


def export_journal(entries: Sequence[JournalEntry]) -> ChaosToolkitJournal:
    """Write a journal's entries as a Chaos Toolkit journal.

    Raises `JournalError` when they belong to no run, and `ConfigurationError` when the experiment in them is no
    longer understood.
    """
    timeline = build_timeline(entries)
    opened = timeline.opened
    experiment = parse_document(opened.experiment, Experiment, source=f"the experiment in {opened.experiment_run_id}")
    run = _Run(
        entries=_judged(entries),
        timeline=timeline,
        experiment=experiment,
        recorded=_record_experiment(experiment, opened.experiment_run_id),
        verdict=judge(entries),
    )
    status, deviated = ENDS[run.verdict.value]
    return ChaosToolkitJournal(
        experiment=run.recorded,
        start=run.start.at,
        end=run.end.at,
        duration=run.start.until(run.end).total_seconds(),
        status=status,
        deviated=deviated,
        steady_states=SteadyStates(before=_before(run), after=_after(run), during=tuple(_during(run))),
        run=(*_strikes(run), _judgement(run)),
        rollbacks=tuple(_undos(run)),
        chaos_control=OurVerdict(
            experiment_run_id=opened.experiment_run_id,
            verdict=run.verdict.value,
            reasons=run.verdict.reasons,
            notes=run.verdict.notes,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What is exported, read in our words; `entries` are those that the verdict rests on."""

    entries: Sequence[JournalEntry]
    timeline: Timeline
    experiment: Experiment
    recorded: RecordedExperiment
    verdict: Verdict

    @property
    def start(self) -> Instant:
        return Instant.of(self.entries[0])

    @property
    def end(self) -> Instant:
        return Instant.of(self.entries[-1])


def _judged(entries: Sequence[JournalEntry]) -> Sequence[JournalEntry]:
    published = last(entries, VerdictReached)
    return entries[: published.judged_until] if published else entries


def _record_experiment(experiment: Experiment, run_id: str) -> RecordedExperiment:
    judgement = RecordedProvider(func="judge", arguments={"experiment_run_id": run_id})
    return RecordedExperiment(
        title=experiment.title,
        description=experiment.description,
        tags=experiment.tags,
        steady_state_hypothesis=RecordedHypothesis(
            title=experiment.hypothesis.title,
            probes=tuple(_record_probe(probe) for probe in experiment.hypothesis.steady_state.probes),
        ),
        method=(
            *(_record_strike(strike) for strike in experiment.strikes),
            RecordedActivity(type="probe", name="verdict", provider=judgement),
        ),
        rollbacks=tuple(_record_undo(strike) for strike in experiment.strikes),
    )


def _record_probe(probe: Probe) -> RecordedProbe:
    parameters = probe.model_dump(mode="json", exclude_none=True, exclude={"name", "tolerance"})
    tolerance = probe.tolerance.model_dump(mode="json", exclude_none=True)
    return RecordedProbe(
        name=probe.name,
        provider=RecordedProvider(func="look", arguments=parameters),
        tolerance=RecordedActivity(
            type="probe", name="tolerance", provider=RecordedProvider(func="accept", arguments=tolerance)
        ),
    )


def _record_strike(strike: Strike) -> RecordedActivity:
    where = strike.model_dump(mode="json", exclude_none=True, include={"target", "strike_point", "hold_for"})
    arguments = {**strike.fault.model_dump(mode="json", exclude_none=True), **where}
    return RecordedActivity(
        type="action", name=strike.name, provider=RecordedProvider(func="strike", arguments=arguments)
    )


def _record_undo(strike: Strike) -> RecordedActivity:
    provider = RecordedProvider(func="undo", arguments={"kind": strike.fault.kind})
    return RecordedActivity(type="action", name=f"undo {strike.name}", provider=provider)


def _before(run: _Run) -> SteadyStateOutcome | None:
    baseline = run.timeline.baseline
    if baseline is None:
        return None
    measured_at = next(entry.seq for entry in run.entries if isinstance(entry.body, BaselineMeasured))
    looks = tuple(_last_looks(run, [entry for entry in run.entries if entry.seq < measured_at]))
    return SteadyStateOutcome(steady_state_met=not baseline.unhealthy and not run.timeline.silent_probes, probes=looks)


def _after(run: _Run) -> SteadyStateOutcome | None:
    """Give the last looks; the steady state is met only if it came back after every effect, and stayed."""
    injected_at = run.timeline.injected_at
    if injected_at is None:
        return None
    looks = tuple(_last_looks(run, [entry for entry in run.entries if entry.at >= injected_at.at]))
    returned = run.timeline.effect_at is None or run.timeline.steady_at is not None
    holds = len(looks) == len(run.recorded.steady_state_hypothesis.probes) and all(look.tolerance_met for look in looks)
    return SteadyStateOutcome(steady_state_met=returned and holds and not run.timeline.dips, probes=looks)


def _during(run: _Run) -> Iterator[SteadyStateOutcome]:
    """Give each look since the baseline that says other than the same probe's last."""
    baseline_at = first_instant(run.entries, BaselineMeasured)
    was_ok: dict[str, bool] = {}
    for look in _looks(run, run.entries):
        name, ok = look.activity.name, look.tolerance_met
        if baseline_at and look.end >= baseline_at.at and was_ok.get(name, True) != ok:
            yield SteadyStateOutcome(steady_state_met=ok, probes=(look,))
        was_ok[name] = ok


def _last_looks(run: _Run, entries: Sequence[JournalEntry]) -> Iterator[ProbeRun]:
    last_of = {look.activity.name: look for look in _looks(run, entries)}
    for probe in run.recorded.steady_state_hypothesis.probes:
        if probe.name in last_of:
            yield last_of[probe.name]


def _looks(run: _Run, entries: Sequence[JournalEntry]) -> Iterator[ProbeRun]:
    probes = {probe.name: probe for probe in run.recorded.steady_state_hypothesis.probes}
    for entry in entries:
        if isinstance(entry.body, ProbeSampled) and entry.body.probe in probes:
            yield _probe_run(probes[entry.body.probe], entry, entry.body.measurement)


def _probe_run(probe: RecordedProbe, entry: JournalEntry, look: Measurement) -> ProbeRun:
    return ProbeRun(
        activity=probe,
        status=_status(well=look.error is None),
        start=entry.at - timedelta(seconds=look.latency),
        end=entry.at,
        duration=look.latency,
        output=None if look.value is None else str(look.value),
        exception=() if look.error is None else (look.error,),
        tolerance_met=look.ok,
    )


def _strikes(run: _Run) -> Iterator[ActivityRun]:
    """Give the strikes that began or were given up; one that nobody came to is not in the run, as with theirs."""
    for strike, activity in zip(run.timeline.strikes, run.recorded.method, strict=False):
        ended_at = last_instant([entry for entry in run.entries if _ends(entry, strike)], StrikeEnded)
        start = strike.acting_since or strike.injected_at or ended_at
        if start is None:
            continue
        outcome = strike.ended.outcome if strike.ended else None
        struck = outcome is StrikeOutcome.STRUCK and strike.injected_at is not None
        reason = strike.ended.reason if strike.ended else "its end was not recorded"
        problems = (*(failed.error for failed in strike.failures), *([reason] if reason else []))
        yield _activity_run(
            activity,
            well=struck and not problems,
            span=(start, strike.undoing_since or ended_at or run.end),
            output=outcome or "unknown",
            problems=problems,
        )


def _ends(entry: JournalEntry, strike: StrikeFacts) -> bool:
    return isinstance(entry.body, StrikeEnded) and entry.body.strike == strike.planned.name


def _judgement(run: _Run) -> ActivityRun:
    """Show the verdict where their report shows it: as a probe, which succeeds when the claim held."""
    passed = run.verdict.value is VerdictValue.PASSED
    return _activity_run(
        run.recorded.method[-1],
        well=passed,
        span=(run.end, run.end),
        output=f"{run.verdict.value}: {' '.join(run.verdict.reasons)}",
        problems=() if passed else run.verdict.reasons,
    )


def _undos(run: _Run) -> Iterator[ActivityRun]:
    for strike, activity in zip(run.timeline.strikes, run.recorded.rollbacks, strict=False):
        start = strike.undoing_since or strike.recovered_at or strike.injected_at
        if start is None:
            continue
        undone = strike.recovered_at is not None and not strike.open_injections
        yield _activity_run(
            activity,
            well=undone,
            span=(start, strike.recovered_at or run.end),
            output=strike.recovered_by or "not confirmed",
            problems=strike.recovery_errors if not undone else (),
        )


def _activity_run(
    activity: RecordedActivity, *, well: bool, span: tuple[Instant, Instant], output: str, problems: Iterable[str]
) -> ActivityRun:
    start, end = span
    return ActivityRun(
        activity=activity,
        status=_status(well=well),
        start=start.at,
        end=end.at,
        duration=max(start.until(end).total_seconds(), 0.0),
        output=output,
        exception=tuple(problems),
    )


def _status(*, well: bool) -> ActivityStatus:
    return ActivityStatus.SUCCEEDED if well else ActivityStatus.FAILED
