"""The judge: a timeline in, a verdict out. Pure, so that a verdict can be computed again from its journal.

The order of the questions is the argument. Was the start healthy? Was anything struck, in the right stage, with an
effect that somebody else saw? Only then do rows and recovery speak. What was seen to be wrong fails; what could not be
seen is inconclusive; passing needs every answer.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from include.chaos.events import RowsVerified
from include.chaos.journal import JournalEntry
from include.chaos.model import RecoveredBy, RelationAccount, StagePoint, StrikeOutcome, Verdict, VerdictValue
from include.chaos.timeline import Timeline, build_timeline


def judge(entries: Sequence[JournalEntry]) -> Verdict:
    """Judge an experiment run by its journal; raise `JournalError` when the journal belongs to no run."""
    timeline = build_timeline(entries)
    notes = tuple(_notes(timeline))
    questions = (
        (VerdictValue.INCONCLUSIVE, _baseline_problems),
        (VerdictValue.NOT_EXERCISED, _strike_problems),
        (VerdictValue.FAILED, _failures),
        (VerdictValue.INCONCLUSIVE, _unknowns),
    )
    for value, ask in questions:
        if reasons := tuple(ask(timeline)):
            return Verdict(value=value, reasons=reasons, notes=notes)
    return Verdict(value=VerdictValue.PASSED, reasons=(_summary(timeline),), notes=notes)


def _baseline_problems(timeline: Timeline) -> Iterator[str]:
    if timeline.baseline is None:
        yield "The steady state was not measured before the strike, so there is nothing to compare with."
    elif timeline.baseline.unhealthy:
        probes = ", ".join(timeline.baseline.unhealthy)
        yield f"The start was not healthy: {probes} out of tolerance. Nothing was broken on purpose; mend this first."


def _strike_problems(timeline: Timeline) -> Iterator[str]:
    if timeline.injected_at is None:
        ended = timeline.strike_ended
        why = ended.reason if ended and ended.reason else "the strike was never begun, or its end was not recorded"
        yield f"Nothing was struck: {why}."
        return
    stage = timeline.opened.strikes[0].strike_point.stage
    tries = timeline.tries_of(stage)
    if tries and not any(attempt.covers(timeline.injected_at.at) for attempt in tries):
        yield f"The strike came when stage {stage} was not running, so the claim was not put to the test."
    if timeline.effect_at is None and not _was_blind_after_injection(timeline):
        yield "The fault was injected, but no probe saw an effect."


def _failures(timeline: Timeline) -> Iterator[str]:
    if timeline.rows:
        yield from _row_failures(timeline, timeline.rows)
    if timeline.dag_run and timeline.dag_run.state != "success":
        yield f"The pipeline's run ended `{timeline.dag_run.state}`, or did not end while it was watched."
    if timeline.effect_at and timeline.steady_at is None:
        yield "The steady state did not return while it was watched (a censored observation)."
    if timeline.steady_at:
        relapses = [dip for dip in timeline.dips if dip.instant.at > timeline.steady_at.at]
        if relapses:
            yield f"The steady state broke again after it had returned: {relapses[0].probe}, {len(relapses)} looks."


def _row_failures(timeline: Timeline, rows: RowsVerified) -> Iterator[str]:
    for account in rows.relations:
        if not account.intact:
            yield _describe(account)
    if rows.manifest.lost:
        sample = ", ".join(name for names in rows.manifest.samples.values() for name in names[:3])
        yield f"{rows.manifest.lost} of {rows.manifest.objects} objects of the manifest are lost, e.g. {sample}."
    if rows.published_dag_run_id != timeline.opened.dag_run_id:
        yield f"Consumers read the publication of run {rows.published_dag_run_id}, not of {timeline.opened.dag_run_id}."


def _describe(account: RelationAccount) -> str:
    counts = {
        "lost": account.lost,
        "duplicated": account.duplicated,
        "corrupted": account.corrupted,
        "unexpected": account.unexpected,
    }
    said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    sample = next((names[0] for names in account.samples.values() if names), "")
    return f"{account.relation}: {said} (of {account.expected} expected rows), e.g. {sample}."


def _unknowns(timeline: Timeline) -> Iterator[str]:
    stage = timeline.opened.strikes[0].strike_point.stage
    if not timeline.tries_of(stage):
        yield f"Airflow never told when stage {stage} ran, so the overlap with the strike is unknown."
    if timeline.effect_at is None:
        yield "No probe could look after the injection, so its effect is unknown."
    if timeline.open_injections or timeline.recovered is None:
        why = timeline.recovery_errors[-1] if timeline.recovery_errors else "no undo was recorded"
        yield f"The undo is not confirmed ({why}). Look at the target before anything else."
    if timeline.dag_run is None:
        yield "The pipeline's run was never seen."
    if timeline.rows is None:
        yield f"The rows were not compared with the oracle: {timeline.verification_error or 'nothing was recorded'}."
    if timeline.injected_at and any(dip.instant.at < timeline.injected_at.at for dip in timeline.dips):
        yield "The steady state broke between the baseline and the strike, so what followed cannot be told apart."


def _was_blind_after_injection(timeline: Timeline) -> bool:
    injected_at = timeline.injected_at
    return injected_at is not None and any(end.at >= injected_at.at for _, end in timeline.blind_spans)


def _notes(timeline: Timeline) -> Iterator[str]:
    if timeline.agent_restarts:
        yield f"The agent was restarted {timeline.agent_restarts} time(s) during the run and took the journal over."
    if timeline.recovered and timeline.recovered.by is not RecoveredBy.HOLD_ENDED:
        yield f"The fault was not undone by the strike itself: {_UNDONE[timeline.recovered.by]}."
    for start, end in timeline.blind_spans:
        yield f"Probes were blind for {_seconds(start.until(end))} from {start.at:%H:%M:%S}."
    if timeline.injected_at and timeline.detected_at is None:
        yield "Airflow itself noticed nothing: a layer below it carried the run through."
    for attempt in timeline.stage_tries:
        if attempt.try_number > 1:
            yield f"Airflow ran stage {attempt.stage} again (try {attempt.try_number})."
    if timeline.strike_ended and timeline.strike_ended.outcome is not StrikeOutcome.STRUCK and timeline.injected_at:
        yield f"The strike did not end as planned: {timeline.strike_ended.reason}."


_UNDONE = {
    RecoveredBy.RECOVER_REQUESTED: "the teardown task asked for it early",
    RecoveredBy.LEASE_EXPIRED: "its lease had expired",
    RecoveredBy.AGENT_STOPPED: "the agent was stopped, and undid it before it went",
    RecoveredBy.AGENT_RESTARTED: "the agent had died, and undid it when it came back",
    RecoveredBy.INJECTION_FAILED: "the injection had failed half-way",
    RecoveredBy.HOLD_ENDED: "the hold had ended",
}


def _summary(timeline: Timeline) -> str:
    strike = timeline.opened.strikes[0]
    point = strike.strike_point
    moment = "at its start" if point.at is StagePoint.START else f"with {point.staged_rows or 0:.0%} of its rows staged"
    return (
        f"{strike.fault} struck stage {point.stage} {moment}; every row is accounted for, "
        f"and the steady state was back after {_seconds(timeline.time_to_recover)}."
    )


def _seconds(duration: timedelta | None) -> str:
    return "an unknown time" if duration is None else f"{duration.total_seconds():.1f} s"
