"""The moments of a run that count, in order and in words. Pure."""

from collections.abc import Iterator, Sequence

from include.chaos import events as e
from include.chaos.consumer_events import ReaderBlind, ReaderSees
from include.chaos.journal import JournalEntry
from include.chaos.model import Moment
from include.chaos.reports.section import Part, Text
from include.chaos.timeline import Timeline


class Milestone(Part):
    """One moment; `name` is the model's word for it where it has one."""

    at: Moment
    name: Text
    what: Text


def read_milestones(entries: Sequence[JournalEntry], timeline: Timeline) -> list[Milestone]:
    """Give what the journal says itself, and the moments that are concluded from it, in their order."""
    told = [
        Milestone(at=entry.at, name=entry.body.event, what=what) for entry in entries if (what := _tell(entry.body))
    ]
    return sorted([*told, *_concluded(timeline)], key=lambda milestone: milestone.at)


def _concluded(timeline: Timeline) -> Iterator[Milestone]:
    for strike in timeline.strikes:
        if strike.effect:
            what = f"the first probe saw {strike.planned.name}: {strike.effect.probe}"
            yield Milestone(at=strike.effect.instant.at, name="effect", what=what)
    for broken in timeline.reads.broken if timeline.reads else ():
        yield Milestone(at=broken.at, name="broken_read", what=f"consumers could read no publication: {broken.what}")
    concluded = {
        "detected": (timeline.detected_at, "Airflow reacted: a task failed, or is tried again"),
        "steady": (timeline.steady_at, "all probes hold together again from here"),
        "landed": (timeline.landed_at, "correct data were published"),
    }
    for name, (instant, what) in concluded.items():
        if instant:
            yield Milestone(at=instant.at, name=name, what=what)


def _tell(body: e.Event) -> str | None:
    """Put an event into words; None for what is no moment of its own."""
    return _tell_conduct(body) or _tell_strike(body) or _tell_trouble(body) or _tell_agent(body)


def _tell_conduct(body: e.Event) -> str | None:  # noqa: PLR0911  # one answer a kind of event
    match body:
        case e.RunOpened():
            return "the experiment run was opened"
        case e.BaselineMeasured(unhealthy=unhealthy):
            return f"the start was measured: {', '.join(unhealthy) or 'nothing'} out of tolerance"
        case e.PipelineStarted():
            return "the pipeline's run was asked for"
        case e.DagRunObserved(state=state) if state in ("success", "failed"):
            return f"Airflow says that the pipeline's run ended: {state}"
        case e.RowsVerified():
            return "the rows were compared with the oracle's"
        case e.VerdictReached(verdict=verdict):
            return f"the verdict was published: {verdict}"
        case e.RunClosed():
            return "the experiment run was closed"
        case _:
            return None


def _tell_strike(body: e.Event) -> str | None:  # noqa: PLR0911  # as above
    match body:
        case e.StrikePointReached():
            return _tell_strike_point(body)
        case e.Injected(instance=instance):
            return f"the fault is confirmed on {instance.name}"
        case e.StruckAgain(instance=instance):
            return f"{instance.name} had come in the place of what was struck, and was struck again"
        case e.RecoveryStarted():
            return "the undo began"
        case e.Recovered():
            return "the undo is confirmed"
        case e.StrikeEnded(reason=reason, outcome=outcome) if reason:
            return f"the strike ended, {outcome}: {reason}"
        case _:
            return None


def _tell_strike_point(reached: e.StrikePointReached) -> str:
    if reached.staged is not None and reached.expected is not None:
        return f"the strike point was reached: {reached.staged:,} of {reached.expected:,} rows were staged"
    waiting = f": {reached.waiting.name} waits there" if reached.waiting else ""
    return f"the strike point was reached{waiting}"


def _tell_trouble(body: e.Event) -> str | None:
    match body:
        case e.InjectionFailed(error=error):
            return f"the fault could not be done: {error}"
        case e.InjectionLost(instance=instance):
            return f"the fault on {instance.name} was no longer in force, though nobody here had undone it"
        case e.RecoveryFailed(error=error):
            return f"an undo did not succeed: {error}"
        case e.ExperimentAborted(reason=reason):
            return f"the experiment was aborted: {reason}"
        case e.VerificationFailed(error=error):
            return f"the rows could not be compared: {error}"
        case _:
            return None


def _tell_agent(body: e.Event) -> str | None:  # noqa: PLR0911  # as above
    match body:
        case e.AgentStarted():
            return "the agent came up again and took the journal over"
        case e.LeaseRevoked():
            return "the right to strike was taken back"
        case e.Halted(reason=reason):
            return f"the agent was halted: {reason}"
        case ReaderBlind(error=error):
            return f"nobody could read as a consumer any more: {error}"
        case ReaderSees():
            return "consumers could read again"
        case e.AirflowSilent():
            return "Airflow stopped answering"
        case e.AirflowAnswers():
            return "Airflow answered again"
        case _:
            return None
