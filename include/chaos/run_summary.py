"""One experiment run in a few lines, for lists of thousands. Pure: entries in, a summary out; it judges nothing."""

from collections.abc import Sequence

from include.chaos.entries import bodies, last
from include.chaos.events import RunClosed, VerdictReached
from include.chaos.journal import JournalEntry
from include.chaos.model import Model, Moment, VerdictValue
from include.chaos.reports.section import Text
from include.chaos.timeline import Timeline, build_timeline


class StrikeSummary(Model):
    """One strike of a run: what was to be struck with what, and whether it was."""

    strike: Text
    stage: Text
    fault: Text
    is_struck: bool


class RunSummary(Model):
    """A run as lists show it. `verdict` is the published one; None where none was. Durations are seconds."""

    experiment_run_id: str
    experiment_id: str
    title: Text
    pipeline: str
    dag_id: str
    dag_run_id: str
    opened_at: Moment
    last_entry_at: Moment
    entries: int
    is_closed: bool
    verdict: VerdictValue | None
    expected_verdict: VerdictValue | None
    reason: Text | None
    strikes: tuple[StrikeSummary, ...]
    time_to_recover: float | None
    time_to_land: float | None

    @property
    def is_expected(self) -> bool:
        """Whether the verdict is the one that the experiment's file says; without a word there, `passed` is."""
        return self.verdict is (self.expected_verdict or VerdictValue.PASSED)


def summarise(entries: Sequence[JournalEntry]) -> RunSummary:
    """Summarise a run's journal; raise `JournalError` when it belongs to no run."""
    timeline, published = build_timeline(entries), last(entries, VerdictReached)
    opened, recovered, landed = timeline.opened, timeline.time_to_recover, timeline.time_to_land
    return RunSummary(
        experiment_run_id=opened.experiment_run_id,
        experiment_id=opened.experiment_id,
        title=opened.title,
        pipeline=opened.pipeline,
        dag_id=opened.dag_id,
        dag_run_id=opened.dag_run_id,
        opened_at=entries[0].at,
        last_entry_at=entries[-1].at,
        entries=len(entries),
        is_closed=bool(bodies(entries, RunClosed)),
        verdict=published.verdict if published else None,
        expected_verdict=opened.expected_verdict,
        reason=published.reasons[0] if published and published.reasons else None,
        strikes=tuple(_strikes(timeline)),
        time_to_recover=recovered.total_seconds() if recovered else None,
        time_to_land=landed.total_seconds() if landed else None,
    )


def _strikes(timeline: Timeline) -> list[StrikeSummary]:
    return [
        StrikeSummary(
            strike=strike.planned.name,
            stage=strike.planned.strike_point.stage,
            fault=strike.planned.fault,
            is_struck=strike.injected_at is not None,
        )
        for strike in timeline.strikes
    ]
