"""How far an experiment run has come, as steps that are done, under way, to come, or were left out. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from include.chaos import events as e
from include.chaos.entries import bodies
from include.chaos.journal import JournalEntry
from include.chaos.timeline import Timeline


class State(StrEnum):
    """Where a step stands."""

    DONE = "done"
    UNDER_WAY = "under way"
    TO_COME = "to come"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a run; `at` is when it was done."""

    name: str
    state: State
    at: datetime | None = None


_STEPS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("steady state measured", (e.BaselineMeasured,)),
    ("armed", (e.LeaseArmed,)),
    ("pipeline started", (e.PipelineStarted,)),
    ("strike point reached", (e.StrikePointReached,)),
    ("fault in force", (e.Injected,)),
    ("fault removed", (e.Recovered,)),
    ("pipeline ended", ()),
    ("rows verified", (e.RowsVerified, e.VerificationFailed)),
    ("verdict", (e.VerdictReached,)),
)
"""Each with the events that say that it is done."""


def read_steps(entries: Sequence[JournalEntry]) -> list[Step]:
    """Give the steps; the first that is not done after the last that is, is under way while the run is open."""
    done = [(name, _done_at(entries, kinds)) for name, kinds in _STEPS]
    latest = max((number for number, (_, at) in enumerate(done) if at), default=-1)
    is_over = bool(bodies(entries, e.RunClosed))
    return [
        Step(name=name, state=_state(number, at, latest, is_over=is_over), at=at)
        for number, (name, at) in enumerate(done)
    ]


def _state(number: int, at: datetime | None, latest: int, *, is_over: bool) -> State:
    if at:
        return State.DONE
    if is_over or number < latest:
        return State.LEFT_OUT
    return State.UNDER_WAY if number == latest + 1 else State.TO_COME


def _done_at(entries: Sequence[JournalEntry], kinds: tuple[type, ...]) -> datetime | None:
    if not kinds:
        return next((entry.at for entry in entries if _ends_pipeline(entry.body)), None)
    return next((entry.at for entry in entries if isinstance(entry.body, kinds)), None)


def _ends_pipeline(body: e.Event) -> bool:
    return isinstance(body, e.DagRunObserved) and body.state in ("success", "failed")


def say_now(entries: Sequence[JournalEntry], timeline: Timeline) -> str:
    """Say in a sentence what is going on; the same sentence as long as the same goes on."""
    if published := bodies(entries, e.VerdictReached):
        return f"Over. Verdict: {published[-1].verdict.replace('_', ' ')}."
    if bodies(entries, e.RunClosed):
        return "Over, without a verdict."
    if timeline.open_injections:
        return " ".join(_say_in_force(entries, timeline))
    if ended := [strike for strike in timeline.strikes if strike.ended]:
        said = ", ".join(f"{strike.planned.name} {strike.ended.outcome}" for strike in ended if strike.ended)
        return f"Strikes ended: {said}. Waiting for the pipeline to end and the steady state to return."
    step = next((step for step in read_steps(entries) if step.state is State.UNDER_WAY), None)
    return f"Waiting for: {step.name}." if step else "Going on."


def _say_in_force(entries: Sequence[JournalEntry], timeline: Timeline) -> Iterator[str]:
    held = [body for body in bodies(entries, e.InjectionPrepared) if body.injection_id in timeline.open_injections]
    faults = {strike.planned.name: strike.planned.fault for strike in timeline.strikes}
    for injection in held:
        yield (
            f"{faults.get(injection.strike, 'A fault')} is in force on {injection.instance.name}; "
            f"it ends by itself at {injection.hold_until:%H:%M:%S} UTC at the latest."
        )
