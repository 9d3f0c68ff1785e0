"""How a struck run came back, phase by phase, and which layer brought it back. Pure: a journal in, an account out.

The layers are found in their own records (Spark's event log, the supervisor, the database, Airflow), never guessed from
durations; where a conclusion rests on none of them having acted, it is marked as inferred.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from include.chaos.entries import bodies, first
from include.chaos.events import LayerActed, LeaseArmed, RecordsRead, TargetsFound
from include.chaos.journal import JournalEntry
from include.chaos.layers import PIPELINES_OWN, WORDS, Layer
from include.chaos.model import Component
from include.chaos.steadiness import Instant
from include.chaos.timeline import Timeline, build_timeline

_SERVERS = frozenset({Component.WAREHOUSE, Component.OBJECT_STORE})
"""What a pipeline's own clients are connected to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One step of a recovery: what was reached at its end, and how long it took since the step before."""

    reached: str
    at: Instant
    took: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """`phases` add up to the time from the strike to the last of them.

    `saved_by` is the outermost layer that did the pipeline's work again; None where none had to. `is_inferred` says
    that it rests on no layer's own record. `unread` names records that could not be read: a layer may be missing then.
    """

    phases: tuple[Phase, ...]
    layers: tuple[LayerActed, ...]
    saved_by: Layer | None
    is_inferred: bool
    unread: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether all records were read."""
        return not self.unread


def read_recovery(entries: Sequence[JournalEntry]) -> Recovery | None:
    """Read how a run came back; None when nothing was struck, or its records were never read."""
    timeline = build_timeline(entries)
    read = first(entries, RecordsRead)
    if timeline.injected_at is None or read is None:
        return None
    layers = tuple(sorted(_layers(entries, timeline), key=lambda acted: acted.at))
    saved_by, is_inferred = _saved_by(entries, timeline, layers)
    return Recovery(
        phases=tuple(_phases(timeline, layers)),
        layers=layers,
        saved_by=saved_by,
        is_inferred=is_inferred,
        unread=read.unread,
    )


def describe(recovery: Recovery) -> str:
    """Say in a line who did the recovering."""
    if recovery.saved_by is None:
        said = f"no layer had to: none of the run's work was done again{_mended(recovery.layers)}"
    else:
        said = WORDS[recovery.saved_by] + (" (inferred: no record shows another)" if recovery.is_inferred else "")
    return said if recovery.is_known else f"{said}; not read: {', '.join(recovery.unread)}"


def _mended(layers: Sequence[LayerActed]) -> str:
    """Name who mended what was struck, where the run had nothing else to thank."""
    words = dict.fromkeys(WORDS[acted.layer] for acted in layers)
    return f" ({'; '.join(words)})" if words else ""


def _layers(entries: Sequence[JournalEntry], timeline: Timeline) -> Iterator[LayerActed]:
    yield from bodies(entries, LayerActed)
    struck_at = timeline.injected_at
    for attempt in timeline.stage_tries:
        if attempt.try_number > 1 and struck_at and attempt.started_at >= struck_at.at:
            what = f"stage {attempt.stage}, try {attempt.try_number}"
            yield LayerActed(layer=Layer.AIRFLOW_RETRY, at=attempt.started_at, what=what)


def _saved_by(
    entries: Sequence[JournalEntry], timeline: Timeline, layers: Sequence[LayerActed]
) -> tuple[Layer | None, bool]:
    """Name the layer that saved the run, and whether that is inferred."""
    if timeline.dag_run is None or timeline.dag_run.state != "success":
        return Layer.NOBODY, False
    acted = {layer.layer for layer in layers}
    outermost = next((layer for layer in reversed(PIPELINES_OWN) if layer in acted), None)
    if outermost is None and _was_hindered(timeline) and _components(entries) & _SERVERS:
        return Layer.CLIENT_RECONNECT, True
    return outermost, False


def _was_hindered(timeline: Timeline) -> bool:
    """Tell whether a strike with an effect was of a kind that no client gets past as if nothing were."""
    return any(strike.effect and strike.planned.hinders_clients for strike in timeline.strikes)


def _components(entries: Sequence[JournalEntry]) -> frozenset[Component]:
    struck = [instance for armed in bodies(entries, LeaseArmed) for instance in armed.lease.instances]
    struck += [instance for found in bodies(entries, TargetsFound) for instance in found.instances]
    return frozenset(instance.component for instance in struck)


def _phases(timeline: Timeline, layers: Sequence[LayerActed]) -> Iterator[Phase]:
    retried = next((Instant(at=acted.at) for acted in layers if acted.layer in PIPELINES_OWN), None)
    reached = {
        "effect": timeline.effect_at,
        "detected": timeline.detected_at,
        "retried": retried,
        "recovered": timeline.recovered_at,
        "steady": timeline.steady_at,
        "landed": timeline.landed_at,
    }
    before = timeline.injected_at
    known = [(name, at) for name, at in reached.items() if at]
    for name, at in sorted(known, key=lambda one: one[1].at):
        if before:
            yield Phase(reached=name, at=at, took=max(before.until(at), timedelta(0)))
        before = at if before is None or at.at >= before.at else before
