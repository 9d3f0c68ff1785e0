"""One experiment run as it goes on: everything that its page shows, read from the journal so far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from include.chaos.entries import bodies, last
from include.chaos.events import ProbeSampled, RunClosed, StrikePointReached, VerdictReached
from include.chaos.journal import JournalEntry
from include.chaos.model import VerdictValue
from include.chaos.rendering.course_plot import sketch_course
from include.chaos.rendering.figures import Key, Sketch
from include.chaos.rendering.words import figure
from include.chaos.reports.accounting import Accounting, read_accounting
from include.chaos.reports.course import Course, read_course
from include.chaos.reports.judgement import MEANINGS
from include.chaos.reports.section import scrub
from include.chaos.timeline import build_timeline
from include.console.progress import Step, read_steps, say_now


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeNow:
    """What a probe saw last; None is no look at all."""

    probe: str
    ok: bool | None
    seen: str
    latency: float | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The verdict of a run that is over."""

    value: VerdictValue
    meaning: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedRows:
    """How many rows were staged when a strike's point was reached."""

    strike: str
    staged: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A run at one moment; `seen` is the number of its last entry."""

    experiment_run_id: str
    experiment_id: str
    title: str
    pipeline: str
    dag_id: str
    dag_run_id: str
    opened_at: datetime
    seen: int
    is_closed: bool
    now: str
    steps: list[Step]
    course: Course
    sketch: Sketch
    legend: tuple[Key, ...]
    probes: list[ProbeNow]
    staged: list[StagedRows]
    accounting: Accounting
    published: Published | None


def read_watch(entries: Sequence[JournalEntry]) -> Watch:
    """Read what a run's page shows; raise `JournalError` when the journal belongs to no run."""
    timeline = build_timeline(entries)
    course = read_course(entries, timeline)
    sketch, legend = sketch_course(course)
    opened = timeline.opened
    return Watch(
        experiment_run_id=opened.experiment_run_id,
        experiment_id=opened.experiment_id,
        title=scrub(opened.title),
        pipeline=opened.pipeline,
        dag_id=opened.dag_id,
        dag_run_id=opened.dag_run_id,
        opened_at=entries[0].at,
        seen=entries[-1].seq,
        is_closed=bool(bodies(entries, RunClosed)),
        now=scrub(say_now(entries, timeline)),
        steps=read_steps(entries),
        course=course,
        sketch=sketch,
        legend=legend,
        probes=list(_probes(entries, opened.probes)),
        staged=list(_staged(entries)),
        accounting=read_accounting(timeline),
        published=_published(entries),
    )


def _probes(entries: Sequence[JournalEntry], names: Sequence[str]) -> Iterator[ProbeNow]:
    latest = {entry.body.probe: entry for entry in entries if isinstance(entry.body, ProbeSampled)}
    for name in dict.fromkeys([*names, *latest]):
        entry = latest.get(name)
        if entry is None or not isinstance(entry.body, ProbeSampled):
            yield ProbeNow(probe=scrub(name), ok=None, seen="no look yet", latency=None, at=None)
            continue
        look = entry.body.measurement
        yield ProbeNow(
            probe=scrub(name), ok=look.ok, seen=_say_seen(look.value, look.error), latency=look.latency, at=entry.at
        )


def _say_seen(value: float | str | bool | None, error: str | None) -> str:  # noqa: FBT001  # what a probe can see
    if error:
        return scrub(error)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "nothing"}[value]
    return figure(value) if isinstance(value, int | float) else scrub(value)


def _staged(entries: Sequence[JournalEntry]) -> Iterator[StagedRows]:
    for reached in bodies(entries, StrikePointReached):
        if reached.staged is not None and reached.expected is not None:
            yield StagedRows(strike=reached.strike, staged=reached.staged, expected=reached.expected)


def _published(entries: Sequence[JournalEntry]) -> Published | None:
    verdict = last(entries, VerdictReached)
    if verdict is None:
        return None
    return Published(
        value=verdict.verdict, meaning=MEANINGS[verdict.verdict], reasons=tuple(map(scrub, verdict.reasons))
    )
