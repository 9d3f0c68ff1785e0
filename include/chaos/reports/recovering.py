"""How long things took, how the run came back phase by phase, who brought it back and what it cost. Pure."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import ClassVar

from pydantic import computed_field

from include.chaos.journal import JournalEntry
from include.chaos.layers import WORDS, Layer
from include.chaos.model import Moment
from include.chaos.recovery import Recovery, describe, read_recovery
from include.chaos.reports.section import Part, Section, Text, counted, say
from include.chaos.timeline import Timeline
from include.chaos.wasted_work import describe_wasted_work, read_wasted_work

_REACHED = {
    "effect": "a probe saw the fault",
    "detected": "Airflow reacted",
    "retried": "work was done again",
    "recovered": "the fault was removed",
    "steady": "all probes were healthy again",
    "landed": "correct data had landed",
}


class Time(Part):
    """One duration with its label; None is "not seen"."""

    label: Text
    took: timedelta | None

    @property
    def said(self) -> str:
        """The duration for people."""
        return say(self.took)


class PhaseBar(Part):
    """One step of the recovery: what was reached at its end."""

    reached: Text
    at: Moment
    took: timedelta

    @property
    def words(self) -> str:
        """What was reached, for people."""
        return _REACHED.get(self.reached, self.reached)


class Acted(Part):
    """A layer's own record of an act."""

    layer: Layer
    at: Moment
    what: Text

    @property
    def words(self) -> str:
        """What the layer did, for people."""
        return WORDS[self.layer]


class Recovering(Section):
    """The recovery; `saved_by` and `said_by` are None where nothing was struck or no record was read."""

    heading: ClassVar = "Recovery"
    times: tuple[Time, ...]
    phases: tuple[PhaseBar, ...]
    saved_by: Layer | None
    is_inferred: bool
    said_by: Text | None
    acts: tuple[Acted, ...]
    unread: tuple[Text, ...]
    done_for_nothing: Text

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def total(self) -> timedelta | None:
        """From the strike to the last phase; the phases add up to it."""
        return sum((phase.took for phase in self.phases), timedelta(0)) if self.phases else None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def essence(self) -> str:
        """The recovery in words."""
        if self.said_by is None:
            return "Not measured: nothing was struck, or nobody read the layers' records."
        phases = "; ".join(f"after {say(phase.took)} {phase.words}" for phase in self.phases)
        in_all = f" ({say(self.total)} in all)" if self.phases else ""
        return f"Recovered by: {self.said_by}. From the strike{in_all}: {phases or 'nothing more was seen'}."


def read_recovering(entries: Sequence[JournalEntry], timeline: Timeline) -> Recovering:
    """Read durations, phases and layers."""
    recovery = read_recovery(entries)
    return Recovering(
        times=tuple(_times(timeline)),
        phases=tuple(_phases(recovery)),
        saved_by=recovery.saved_by if recovery else None,
        is_inferred=recovery.is_inferred if recovery else False,
        said_by=describe(recovery) if recovery else None,
        acts=tuple(Acted(layer=a.layer, at=a.at, what=a.what) for a in recovery.layers) if recovery else (),
        unread=recovery.unread if recovery else (),
        done_for_nothing=describe_wasted_work(read_wasted_work(entries, timeline)),
    )


def _phases(recovery: Recovery | None) -> Iterator[PhaseBar]:
    for phase in recovery.phases if recovery else ():
        yield PhaseBar(reached=phase.reached, at=phase.at.at, took=phase.took)


def _times(timeline: Timeline) -> Iterator[Time]:
    yield Time(label="time to effect", took=timeline.time_to_effect)
    yield Time(label="time to detect (by Airflow)", took=timeline.time_to_detect)
    yield Time(label="time to recover", took=timeline.time_to_recover)
    yield Time(label="time to land", took=timeline.time_to_land)
    if (late := timeline.lateness) is not None:
        yield Time(label="late by" if late > timedelta(0) else "fresh by", took=abs(late))
    yield Time(label="slower than the undisturbed run by", took=timeline.slower_than_twin)
    for strike in timeline.strikes if len(timeline.strikes) > 1 else ():
        yield Time(label=f"{strike.planned.name}: held for", took=strike.held_for)
        yield Time(label=f"{strike.planned.name}: time to effect", took=strike.time_to_effect)
        yield Time(label=f"{strike.planned.name}: time to recover", took=strike.time_to_recover)


def say_recovery(recovering: Recovering) -> str:
    """Write the phases in a line."""
    return ", ".join(f"{phase.reached} +{say(phase.took)}" for phase in recovering.phases) or counted(0, "phase")
