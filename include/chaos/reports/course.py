"""What happened when: stages, faults in force, the health that each probe saw, and the moments that count. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from include.chaos.entries import bodies
from include.chaos.events import Injected, InjectionPrepared, Recovered, RecoveryStarted
from include.chaos.journal import JournalEntry
from include.chaos.model import Moment
from include.chaos.reports.milestones import Milestone, read_milestones
from include.chaos.reports.section import Part, Section, Text, counted, enumerate_words, say
from include.chaos.steadiness import BLIND_AFTER, Sample, read_samples
from include.chaos.timeline import Timeline
from include.chaos.verdict_notes import UNDONE

_AN_INSTANT = timedelta(milliseconds=50)
"""Shorter than that, a fault is an act and no state."""


class Health(StrEnum):
    """What a probe says of a stretch of time."""

    HEALTHY = "healthy"
    OUT_OF_TOLERANCE = "out of tolerance"
    BLIND = "blind"


class StageBar(Part):
    """One try of a stage; without an end it was running when it was last seen."""

    stage: Text
    try_number: int
    state: Text | None
    begins: Moment
    ends: Moment | None


class FaultWindow(Part):
    """A fault in force on one instance; without an end no undo is confirmed."""

    strike: Text
    fault: Text
    instance: Text
    begins: Moment
    undoing: Moment | None
    ends: Moment | None
    undone_because: Text | None


class HealthSpan(Part):
    """A stretch in which a probe saw one thing, in so many looks; blind is no look at all."""

    probe: Text
    health: Health
    begins: Moment
    ends: Moment
    looks: int

    @property
    def lasted(self) -> timedelta:
        """How long."""
        return self.ends - self.begins


class Course(Section):
    """The run's course; `essence` says it in words."""

    heading: ClassVar = "What happened"
    begins: Moment
    ends: Moment
    essence: Text
    stages: tuple[StageBar, ...]
    faults: tuple[FaultWindow, ...]
    health: tuple[HealthSpan, ...]
    unseen_probes: tuple[Text, ...]
    milestones: tuple[Milestone, ...]


def read_course(entries: Sequence[JournalEntry], timeline: Timeline) -> Course:
    """Read what happened; what was not seen is not in it."""
    stages = tuple(_stage_bars(timeline))
    faults = tuple(_fault_windows(entries, timeline))
    health = tuple(read_health(tuple(read_samples(entries)), timeline.opened.probes))
    return Course(
        begins=entries[0].at,
        ends=entries[-1].at,
        essence=" ".join(_essence(timeline, stages, faults, health)),
        stages=stages,
        faults=faults,
        health=health,
        unseen_probes=tuple(sorted(set(timeline.opened.probes) - {span.probe for span in health})),
        milestones=tuple(read_milestones(entries, timeline)),
    )


def _stage_bars(timeline: Timeline) -> Iterator[StageBar]:
    for attempt in sorted(timeline.stage_tries, key=lambda attempt: attempt.started_at):
        yield StageBar(
            stage=attempt.stage,
            try_number=attempt.try_number,
            state=attempt.state,
            begins=attempt.started_at,
            ends=attempt.ended_at,
        )


def _fault_windows(entries: Sequence[JournalEntry], timeline: Timeline) -> Iterator[FaultWindow]:
    faults = {strike.planned.name: strike.planned.fault for strike in timeline.strikes}
    strikes = {prepared.injection_id: prepared.strike for prepared in bodies(entries, InjectionPrepared)}
    undoing = {e.body.injection_id: e.at for e in reversed(entries) if isinstance(e.body, RecoveryStarted)}
    recovered = {e.body.injection_id: (e.at, e.body.by) for e in entries if isinstance(e.body, Recovered)}
    for entry in entries:
        if not isinstance(entry.body, Injected) or (strike := strikes.get(entry.body.injection_id)) is None:
            continue
        ends, by = recovered.get(entry.body.injection_id, (None, None))
        yield FaultWindow(
            strike=strike,
            fault=faults.get(strike, "unknown"),
            instance=entry.body.instance.name,
            begins=entry.at,
            undoing=undoing.get(entry.body.injection_id),
            ends=ends,
            undone_because=UNDONE[by] if by else None,
        )


def read_health(samples: Sequence[Sample], probes: Sequence[str]) -> Iterator[HealthSpan]:
    """Give each probe's stretches, one after another; one ends where the next begins."""
    looks: dict[str, list[Sample]] = {probe: [] for probe in probes}
    for sample in samples:
        looks.setdefault(sample.probe, []).append(sample)
    for probe, own in looks.items():
        yield from _stretches(probe, own)


def _stretches(probe: str, looks: Sequence[Sample]) -> Iterator[HealthSpan]:
    begins: datetime | None = None
    count = 0
    for look, following in zip(looks, [*looks[1:], None], strict=False):
        begins, count = begins or look.instant.at, count + 1
        blind = following is not None and look.instant.until(following.instant) > BLIND_AFTER
        if following and not blind and following.ok == look.ok:
            continue
        ends = following.instant.at if following and not blind else look.instant.at
        yield HealthSpan(probe=probe, health=_health(look), begins=begins, ends=ends, looks=count)
        if following and blind:
            yield HealthSpan(
                probe=probe, health=Health.BLIND, begins=look.instant.at, ends=following.instant.at, looks=0
            )
        begins, count = None, 0


def _health(look: Sample) -> Health:
    return Health.HEALTHY if look.ok else Health.OUT_OF_TOLERANCE


def _essence(
    timeline: Timeline, stages: Sequence[StageBar], faults: Sequence[FaultWindow], health: Sequence[HealthSpan]
) -> Iterator[str]:
    if stages:
        ran = len({bar.stage for bar in stages})
        yield f"{counted(ran, 'stage')} ran in {counted(len(stages), 'try', 'tries')}."
    else:
        yield "No stage was seen to run."
    for fault in faults:
        yield f"{fault.fault} struck {fault.instance} at {fault.begins:%H:%M:%S}, {_say_held(fault)}."
    if not faults:
        yield "No fault was ever in force."
    for probe in timeline.opened.probes:
        yield _essence_of_probe(probe, [span for span in health if span.probe == probe])


def _say_held(fault: FaultWindow) -> str:
    if fault.ends is None:
        return "and is not confirmed to be undone"
    held = fault.ends - fault.begins
    return f"and was in force for {say(held)}" if held >= _AN_INSTANT else "in an instant"


def _essence_of_probe(probe: str, spans: Sequence[HealthSpan]) -> str:
    if not spans:
        return f"{probe} gave no look."
    lasted = {
        health: sum((span.lasted for span in spans if span.health is health), timedelta(0))
        for health in (Health.OUT_OF_TOLERANCE, Health.BLIND)
        if any(span.health is health for span in spans)
    }
    if not lasted:
        return f"{probe} was healthy throughout."
    return f"{probe} was {enumerate_words([f'{health} for {say(time)} in all' for health, time in lasted.items()])}."
