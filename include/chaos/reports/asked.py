"""What an experiment run was to do: the claim, the strikes and the probes, in plain words. Pure.

The experiment's file is in the journal as text; who can read it puts it into words as a `Plan`. Without one, what the
judge reads of a strike is all that there is.
"""

import json
from collections.abc import Iterator, Sequence
from typing import ClassVar

from include.chaos.entries import bodies, first
from include.chaos.events import Injected, InjectionPrepared, PipelineStarted, PlannedStrike, StruckAgain
from include.chaos.journal import JournalEntry
from include.chaos.model import StrikePoint, TargetInstance, format_duration
from include.chaos.reports.section import HIDDEN, Part, Section, Text, is_secret
from include.chaos.timeline import Timeline


class PlannedProbe(Part):
    """One probe: what it looks at, how often, and what counts as healthy."""

    name: Text
    looks_at: Text
    healthy: Text
    every: Text


class StrikeWords(Part):
    """One strike as its file has it."""

    name: Text
    what: Text
    where: Text
    when: Text
    hold: Text
    undo: Text


class Plan(Part):
    """An experiment's file, in words."""

    claim: Text
    description: Text
    strikes: tuple[StrikeWords, ...]
    probes: tuple[PlannedProbe, ...]
    abort_when: tuple[Text, ...]


class AskedStrike(Part):
    """One strike; what only the file says is None where that could not be read. `struck` is who was hit indeed."""

    name: Text
    what: Text
    where: Text | None
    when: Text
    hold: Text
    undo: Text | None
    struck: tuple[Text, ...]


class Asked(Section):
    """What was asked; `parameters` are those of the pipeline's run, `without` the layers that it had to do without."""

    heading: ClassVar = "What was asked"
    claim: Text | None
    description: Text | None
    pipeline: Text
    parameters: tuple[tuple[Text, Text], ...]
    strikes: tuple[AskedStrike, ...]
    probes: tuple[PlannedProbe, ...]
    probe_names: tuple[Text, ...]
    settle_for: Text
    abort_when: tuple[Text, ...]
    freshness: Text | None
    without: tuple[Text, ...]


def read_asked(entries: Sequence[JournalEntry], timeline: Timeline, plan: Plan | None) -> Asked:
    """Put together what was planned and whom it hit."""
    opened = timeline.opened
    words = {strike.name: strike for strike in plan.strikes} if plan else {}
    return Asked(
        claim=plan.claim if plan else None,
        description=plan.description if plan else None,
        pipeline=opened.pipeline,
        parameters=tuple(_parameters(entries)),
        strikes=tuple(_asked(strike, words.get(strike.name), entries) for strike in opened.strikes),
        probes=plan.probes if plan else (),
        probe_names=opened.probes,
        settle_for=format_duration(opened.settle_for),
        abort_when=plan.abort_when if plan else (),
        freshness=format_duration(opened.freshness) if opened.freshness else None,
        without=timeline.ablated,
    )


def _parameters(entries: Sequence[JournalEntry]) -> Iterator[tuple[str, str]]:
    started = first(entries, PipelineStarted)
    for name, value in sorted(started.conf.items()) if started else ():
        yield name, HIDDEN if is_secret(name) else value if isinstance(value, str) else json.dumps(value)


def _asked(planned: PlannedStrike, words: StrikeWords | None, entries: Sequence[JournalEntry]) -> AskedStrike:
    return AskedStrike(
        name=planned.name,
        what=words.what if words else planned.fault,
        where=words.where if words else None,
        when=words.when if words else say_moment(planned.strike_point),
        hold=words.hold if words else format_duration(planned.hold_for),
        undo=words.undo if words else None,
        struck=tuple(dict.fromkeys(map(_named, _struck(planned.name, entries)))),
    )


def say_moment(point: StrikePoint) -> str:
    """Write a strike point without its file's words."""
    moment = point.at or point.failpoint or f"{point.staged_rows or 0:.0%} of its rows staged"
    return f"stage {point.stage}: {moment}" + (f", then {format_duration(point.after)}" if point.after else "")


def _struck(strike: str, entries: Sequence[JournalEntry]) -> Iterator[TargetInstance]:
    own = {prepared.injection_id for prepared in bodies(entries, InjectionPrepared) if prepared.strike == strike}
    for entry in entries:
        if isinstance(entry.body, Injected | StruckAgain) and entry.body.injection_id in own:
            yield entry.body.instance


def _named(instance: TargetInstance) -> str:
    return f"{instance.name} (pid {instance.pid})" if instance.pid else instance.name
