"""The judge: a timeline in, a verdict out. Pure, so that a verdict can be computed again from its journal.

The order of the questions is the argument. Was the start healthy? Was everything struck, in the right stage, with an
effect that somebody else saw? Only then do rows and recovery speak. What was seen to be wrong fails; what could not be
seen is inconclusive; passing needs every answer.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from include.chaos.consumer_findings import reader_failures, reader_unknowns, writer_failures
from include.chaos.events import RowsVerified
from include.chaos.journal import JournalEntry
from include.chaos.model import (
    AbortCause,
    RecoveredBy,
    RelationAccount,
    StagePoint,
    StrikeOutcome,
    StrikePoint,
    Verdict,
    VerdictValue,
)
from include.chaos.strike_facts import StrikeFacts
from include.chaos.timeline import Timeline, build_timeline
from include.chaos.verdict_notes import UNDONE, notes_of, seconds
from include.errors import JournalError


def judge(entries: Sequence[JournalEntry]) -> Verdict:
    """Judge an experiment run by its journal; raise `JournalError` when the journal belongs to no run.

    A judge that crashes says so and is inconclusive: its crash is no judgement, least of all a pass.
    """
    try:
        return judge_timeline(build_timeline(entries))
    except JournalError:
        raise
    except Exception as error:  # noqa: BLE001  # becomes the verdict's reason
        reason = f"The judge crashed on this journal ({error!r}). Nothing is known until that is mended."
        return Verdict(value=VerdictValue.INCONCLUSIVE, reasons=(reason,))


def judge_timeline(timeline: Timeline) -> Verdict:
    """Judge an experiment run by its timeline."""
    questions = (
        (VerdictValue.INCONCLUSIVE, _baseline_problems),
        (VerdictValue.NOT_EXERCISED, _strike_problems),
        (VerdictValue.FAILED, _failures),
        (VerdictValue.INCONCLUSIVE, _unknowns),
    )
    for value, ask in questions:
        if reasons := tuple(ask(timeline)):
            besides = () if ask in (_failures, _unknowns) else tuple(f"Besides: {said}" for said in _failures(timeline))
            return Verdict(value=value, reasons=reasons, notes=(*besides, *notes_of(timeline, value)))
    value = VerdictValue.PASSED
    return Verdict(value=value, reasons=(_summary(timeline),), notes=tuple(notes_of(timeline, value)))


def _baseline_problems(timeline: Timeline) -> Iterator[str]:
    if timeline.baseline_rows and not timeline.baseline_rows.intact:
        said = " ".join(_describe(account) for account in timeline.baseline_rows.relations if not account.intact)
        yield f"The oracle contradicts {timeline.baseline_rows.dag_run_id}, a run that nothing disturbed: {said}"
        return
    if not timeline.opened.probes:
        yield "The steady state has no probe, so nothing was measured and nothing can be claimed."
    if timeline.baseline is None:
        yield "The steady state was not measured before the strike, so there is nothing to compare with."
        return
    if timeline.baseline.unhealthy:
        probes = ", ".join(timeline.baseline.unhealthy)
        yield f"The start was not healthy: {probes} out of tolerance. Nothing was broken on purpose; mend this first."
    elif timeline.silent_probes:
        yield f"{', '.join(timeline.silent_probes)} gave no look before the strike, so the start is unknown."


def _strike_problems(timeline: Timeline) -> Iterator[str]:
    if not timeline.strikes:
        yield "Nothing was struck: the experiment has no strike."
    for strike in timeline.strikes:
        for problem in _problems_of(timeline, strike):
            yield f"{_prefix(timeline, strike)}{problem}"


def _problems_of(timeline: Timeline, strike: StrikeFacts) -> Iterator[str]:
    if strike.injected_at is None:
        yield f"Nothing was struck: {_why_not_struck(timeline, strike)}."
        return
    if strike.failures:
        yield f"A target could not be struck, so the claim was not put to the test: {strike.failures[0].error}."
    elif not _ended_as_planned(strike):
        yield f"The strike did not come about as planned: {_why_not_struck(timeline, strike)}."
    yield from _overlap_problems(timeline, strike, strike.planned.strike_point)
    if strike.effect is None and not strike.out_before and not _was_blind_after(timeline, strike):
        yield "The fault was injected, but no probe saw an effect."


def _ended_as_planned(strike: StrikeFacts) -> bool:
    """Tell whether all targets were struck; a strike that its agent did not live to end is judged by its hold."""
    half_way = strike.recovered_by is RecoveredBy.INJECTION_FAILED
    refused = strike.ended is not None and strike.ended.outcome in (StrikeOutcome.MISSED, StrikeOutcome.REFUSED)
    return not (half_way or refused)


def _why_not_struck(timeline: Timeline, strike: StrikeFacts) -> str:
    if strike.revoked_by is RecoveredBy.HALTED and timeline.halts:
        return f"the agent was halted ({timeline.halts[-1].reason})"
    if strike.revoked_by is RecoveredBy.ABORTED and timeline.aborted:
        return f"the experiment was aborted before ({timeline.aborted.reason})"
    if strike.ended and strike.ended.reason:
        return strike.ended.reason
    if strike.failures:
        return strike.failures[0].error
    return "the strike was never begun, or its end was not recorded"


def _overlap_problems(timeline: Timeline, strike: StrikeFacts, point: StrikePoint) -> Iterator[str]:
    tries = timeline.tries_of(point.stage)
    if not tries or strike.injected_at is None:
        return
    struck_at = strike.injected_at.at
    if point.at is not StagePoint.END:
        if not any(attempt.bore(strike) for attempt in tries):
            yield f"The strike came when stage {point.stage} was not running, so the claim was not put to the test."
        return
    ended = [a.ended_at for a in tries if a.state == "success" and a.ended_at and a.ended_at <= struck_at]
    if not ended:
        yield f"The strike came before stage {point.stage} had ended, so the claim was not put to the test."
        return
    others = [a for a in timeline.stage_tries if a.stage != point.stage and max(ended) <= a.started_at <= struck_at]
    if others and not point.after:
        yield f"The strike came when stage {others[0].stage} had begun already, not between the stages."


def _failures(timeline: Timeline) -> Iterator[str]:
    if timeline.rows:
        yield from _row_failures(timeline, timeline.rows)
    if timeline.lateness and timeline.lateness > timedelta(0):
        limit = seconds(timeline.opened.freshness)
        yield f"The rows landed {seconds(timeline.lateness)} late: the contract allows {limit} from the run's start."
    yield from reader_failures(timeline.reads)
    yield from writer_failures(timeline.writers)
    if timeline.dag_run and timeline.dag_run.state != "success":
        yield f"The pipeline's run ended `{timeline.dag_run.state}`, or did not end while it was watched."
    if timeline.aborted and timeline.aborted.cause is AbortCause.OUT_OF_TOLERANCE:
        yield f"The experiment was aborted: {timeline.aborted.reason}, longer than it bears."
    if timeline.effect_at and timeline.steady_at is None:
        yield "The steady state did not return while it was watched (a censored observation)."
    if relapses := [dip for dip in timeline.dips if timeline.injected_at and dip.instant.at > timeline.injected_at.at]:
        yield f"The steady state broke again after it had returned: {relapses[0].probe}, {len(relapses)} looks."


def _row_failures(timeline: Timeline, rows: RowsVerified) -> Iterator[str]:
    for account in rows.relations:
        if not account.intact:
            yield _describe(account)
    if rows.manifest and rows.manifest.lost:
        sample = ", ".join(name for names in rows.manifest.samples.values() for name in names[:3])
        yield f"{rows.manifest.lost} of {rows.manifest.objects} objects of the manifest are lost, e.g. {sample}."
    if rows.quarantine and rows.quarantine.without_reason:
        keys = ", ".join(rows.quarantine.samples[:3])
        yield f"{rows.quarantine.relation}: {rows.quarantine.without_reason} quarantined without a reason, e.g. {keys}."
    frozen = timeline.manifest_frozen
    if frozen and rows.manifest and timeline.manifest_changed:
        counts = f"{frozen.objects} objects then, {rows.manifest.objects} when the rows were verified"
        yield f"The manifest was changed after stage {frozen.stage} had frozen it: {counts}, and not the same ones."
    if rows.publication_read and rows.published_dag_run_id != timeline.opened.dag_run_id:
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
    for strike in timeline.strikes:
        for unknown in _unknowns_of(timeline, strike):
            yield f"{_prefix(timeline, strike)}{unknown}"
    if timeline.aborted:
        yield f"The experiment was aborted: {timeline.aborted.reason}."
    if timeline.dag_run is None:
        yield "The pipeline's run was never seen."
    if timeline.rows is None:
        yield f"The rows were not compared with the oracle: {timeline.verification_error or 'nothing was recorded'}."
    elif not any(account.expected for account in timeline.rows.relations):
        yield "No row was expected in any relation, so that none is missing says nothing."
    yield from _lateness_unknowns(timeline)
    yield from reader_unknowns(timeline.reads)
    if timeline.injected_at and any(dip.instant.at < timeline.injected_at.at for dip in timeline.dips):
        yield "The steady state broke between the baseline and the strike, so what followed cannot be told apart."


def _lateness_unknowns(timeline: Timeline) -> Iterator[str]:
    if not timeline.opened.freshness or timeline.rows is None or timeline.lateness is not None:
        return
    if timeline.rows.published_at is None:
        yield "Whether the rows landed in time is unknown: the publication does not say when it was made."
    elif timeline.landed_at:
        yield "Whether the rows landed in time is unknown: Airflow never told when the run had begun."


def _unknowns_of(timeline: Timeline, strike: StrikeFacts) -> Iterator[str]:
    stage = strike.planned.strike_point.stage
    if not timeline.tries_of(stage):
        yield f"Airflow never told when stage {stage} ran, so the overlap with the strike is unknown."
    if strike.effect is None and strike.out_before:
        probes = ", ".join(sorted(strike.out_before))
        yield f"{probes} was out of tolerance before the strike began, so its effect cannot be told apart."
    elif strike.effect is None:
        yield "No probe could look after the injection, so its effect is unknown."
    if strike.open_injections or strike.recovered_at is None:
        why = strike.recovery_errors[-1] if strike.recovery_errors else "no undo was recorded"
        yield f"The undo is not confirmed ({why}). Look at the target before anything else."
    if strike.cut_short:
        by = UNDONE[strike.recovered_by] if strike.recovered_by else "by whom is unknown"
        planned = seconds(strike.planned.hold_for)
        yield f"The fault was held for {seconds(strike.held_for)} only, not for {planned}: {by}."
    for lost in strike.losses:
        yield f"{lost.instance.name} was replaced or freed during the hold by somebody else, and not struck again."


def _was_blind_after(timeline: Timeline, strike: StrikeFacts) -> bool:
    injected_at = strike.injected_at
    return injected_at is not None and any(end.at >= injected_at.at for _, end in timeline.blind_spans)


def _prefix(timeline: Timeline, strike: StrikeFacts) -> str:
    """Name the strike where there are several."""
    return f"Strike {strike.planned.name}: " if len(timeline.strikes) > 1 else ""


def _summary(timeline: Timeline) -> str:
    plans = [strike.planned for strike in timeline.strikes]
    struck = ", and ".join(f"{p.fault} struck stage {p.strike_point.stage} {_moment(p.strike_point)}" for p in plans)
    return (
        f"{struck}; every row is accounted for, "
        f"and the steady state was back after {seconds(timeline.time_to_recover)}."
    )


def _moment(point: StrikePoint) -> str:
    after = f" and {_plain(point.after)} later" if point.after else ""
    if point.at:
        return f"at its {point.at}{after}"
    if point.failpoint:
        return f"at its failpoint {point.failpoint}{after}"
    return f"with {point.staged_rows or 0:.0%} of its rows staged{after}"


def _plain(duration: timedelta) -> str:
    return f"{duration.total_seconds():g} s"
