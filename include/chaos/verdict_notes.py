"""What is worth saying beside a verdict, and did not decide it. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from include.chaos.consumer_findings import reader_notes, writer_notes
from include.chaos.model import RecoveredBy, StrikeOutcome, VerdictValue
from include.chaos.timeline import Timeline

UNDONE = {
    RecoveredBy.RECOVER_REQUESTED: "the teardown task asked for its undo early",
    RecoveredBy.LEASE_EXPIRED: "its lease had expired",
    RecoveredBy.AGENT_STOPPED: "the agent was stopped, and undid it before it went",
    RecoveredBy.AGENT_RESTARTED: "the agent had died, and undid it when it came back",
    RecoveredBy.INJECTION_FAILED: "the injection had failed half-way",
    RecoveredBy.HOLD_ENDED: "the hold had ended",
    RecoveredBy.ABORTED: "the experiment was aborted",
    RecoveredBy.HALTED: "the agent was halted",
}
"""Why a fault was undone, for people."""


def seconds(duration: timedelta | None) -> str:
    """Write a duration to a tenth of a second."""
    return "an unknown time" if duration is None else f"{duration.total_seconds():.1f} s"


def notes_of(timeline: Timeline, value: VerdictValue) -> Iterator[str]:
    """Give the notes on a run that got this verdict."""
    if expected := timeline.opened.expected_verdict:
        said = "as expected" if expected is value else "which is not what was found"
        yield f"The experiment expects `{expected}`, {said}."
    if timeline.rows and not timeline.rows.publication_read:
        yield "Whose rows consumers read, and since when, was not checked: the landing contract has no `publication`."
    if timeline.rows and timeline.rows.manifest and timeline.manifest_frozen is None:
        yield "Whether the manifest was changed after it had been frozen is unknown: nobody saw it then."
    if timeline.baseline_rows is None:
        yield "The oracle was not held against an undisturbed run before the strike."
    if timeline.ablated:
        yield f"The pipeline's run had to do without {', '.join(timeline.ablated)}, on purpose."
    yield from _of_agent(timeline)
    yield from _of_strikes(timeline)
    for start, end in timeline.blind_spans:
        yield f"Probes were blind for {seconds(start.until(end))} from {start.at:%H:%M:%S}."
    if timeline.injected_at and timeline.detected_at is None:
        yield "Airflow itself noticed nothing: since the strike no task was seen to fail or to be tried again."
    for attempt in timeline.stage_tries:
        if attempt.try_number > 1:
            yield f"Airflow ran stage {attempt.stage} again (try {attempt.try_number})."
    yield from reader_notes(timeline.reads)
    yield from writer_notes(timeline.writers)


def _of_agent(timeline: Timeline) -> Iterator[str]:
    if timeline.agent_restarts:
        yield f"The agent was restarted {timeline.agent_restarts} time(s) during the run and took the journal over."
    if torn := sum(started.torn_bytes for started in timeline.agent_starts):
        yield f"{torn} bytes of a last line that a crash had torn were cut from the journal."
    for halt in timeline.halts:
        yield f"The agent was halted: {halt.reason}."


def _of_strikes(timeline: Timeline) -> Iterator[str]:
    for strike in timeline.strikes:
        if strike.recovered_by and strike.recovered_by is not RecoveredBy.HOLD_ENDED:
            yield f"The fault was not undone by the strike itself: {UNDONE[strike.recovered_by]}."
        if strike.ended and strike.ended.outcome is not StrikeOutcome.STRUCK and strike.injected_at:
            yield f"The strike did not end as planned: {strike.ended.reason}."
