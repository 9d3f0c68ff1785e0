"""An experiment run in a few lines: what the command line prints and a person reads first. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from include.chaos.consumer_findings import reader_times, writer_times
from include.chaos.journal import JournalEntry
from include.chaos.model import Verdict, VerdictValue
from include.chaos.recovery import Recovery, describe, read_recovery
from include.chaos.timeline import Timeline, build_timeline
from include.chaos.verdict import judge


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationLine:
    """The row accounting of one relation, as shown."""

    relation: str
    expected: int
    landed: int
    lost: int
    duplicated: int
    corrupted: int
    unexpected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is said of an experiment run; `times` are label and text, in the order of reading."""

    experiment_run_id: str
    title: str
    verdict: Verdict
    relations: tuple[RelationLine, ...]
    objects: tuple[tuple[str, int], ...]
    expected_verdict: VerdictValue | None
    times: tuple[tuple[str, str], ...]


def build_report(entries: Sequence[JournalEntry]) -> Report:
    """Read a report from a journal; raise `JournalError` when the journal belongs to no run."""
    timeline = build_timeline(entries)
    return Report(
        experiment_run_id=timeline.opened.experiment_run_id,
        title=timeline.opened.title,
        verdict=judge(entries),
        relations=tuple(_relation_lines(timeline)),
        objects=tuple(_object_counts(timeline)),
        expected_verdict=timeline.opened.expected_verdict,
        times=tuple(_times(timeline, read_recovery(entries))),
    )


def _relation_lines(timeline: Timeline) -> Iterator[RelationLine]:
    for account in timeline.rows.relations if timeline.rows else ():
        yield RelationLine(
            relation=account.relation,
            expected=account.expected,
            landed=account.landed,
            lost=account.lost,
            duplicated=account.duplicated,
            corrupted=account.corrupted,
            unexpected=account.unexpected,
        )


def _object_counts(timeline: Timeline) -> Iterator[tuple[str, int]]:
    if timeline.rows and (manifest := timeline.rows.manifest):
        yield "objects in the manifest", manifest.objects
        yield "landed", manifest.landed
        yield "quarantined", manifest.quarantined
        yield "lost", manifest.lost


def _times(timeline: Timeline, recovery: Recovery | None) -> Iterator[tuple[str, str]]:
    yield "time to effect", _say(timeline.time_to_effect)
    yield "time to detect (by Airflow)", _say(timeline.time_to_detect)
    yield "time to recover", _say(timeline.time_to_recover)
    yield "time to land", _say(timeline.time_to_land)
    if (late := timeline.lateness) is not None:
        yield "late by" if late > timedelta(0) else "fresh by", _say(abs(late))
    yield "slower than the undisturbed run by", _say(timeline.slower_than_twin)
    if timeline.ablated:
        yield "without", ", ".join(timeline.ablated)
    if recovery:
        yield "recovered by", describe(recovery)
        yield "recovery, phase by phase", ", ".join(f"{phase.reached} +{_say(phase.took)}" for phase in recovery.phases)
        for acted in recovery.layers:
            yield f"{acted.at:%H:%M:%S} {acted.layer}", acted.what
    yield from reader_times(timeline.reads)
    yield from writer_times(timeline.writers)
    for strike in timeline.strikes if len(timeline.strikes) > 1 else ():
        yield f"{strike.planned.name}: held for", _say(strike.held_for)
        yield f"{strike.planned.name}: time to effect", _say(strike.time_to_effect)
        yield f"{strike.planned.name}: time to recover", _say(strike.time_to_recover)


def _say(duration: timedelta | None) -> str:
    return "not seen" if duration is None else f"{duration.total_seconds():.1f} s"
