"""What a strike would do, in words: what, where, when, for how long, and how it is undone. Nothing is touched."""

import inspect
from dataclasses import dataclass

from include.chaos.agent.injector import GRACE
from include.chaos.experiment import Strike
from include.chaos.faults.catalogue import Fault
from include.chaos.model import (
    SPAWNED,
    FixedCount,
    PercentOfInstances,
    StagePoint,
    StrikePoint,
    Target,
    TargetInstance,
    TargetMode,
    format_duration,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikePlan:
    """One strike, in words."""

    name: str
    what: str
    where: str
    when: str
    hold: str
    undo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The instances that a strike would hit now, among those that it may; `drawn` says that another run hits others."""

    selected: tuple[TargetInstance, ...]
    eligible: tuple[TargetInstance, ...]
    drawn: bool


def plan_strike(strike: Strike, selection: Selection | None) -> StrikePlan:
    """Put a strike into words; without a selection, what would be selected is not known."""
    return StrikePlan(
        name=strike.name,
        what=_what(strike.fault),
        where=_where(strike.target, selection),
        when=_when(strike.strike_point),
        hold=_hold(strike),
        undo=_first_line(type(strike.fault).recover),
    )


def _what(fault: Fault) -> str:
    parameters = fault.model_dump(mode="json", exclude={"kind"}, exclude_none=True)
    said = ", ".join(f"{name}: {value}" for name, value in parameters.items())
    return f"{fault.kind}{f' ({said})' if said else ''}: {_first_line(type(fault))}"


def _where(target: Target, selection: Selection | None) -> str:
    if target.component in SPAWNED:
        return f"{target.component}: {_wanted(target)}, of what the pipeline has spawned when the moment has come"
    if selection is None:
        return f"{target.component}: {_wanted(target)}"
    names = ", ".join(f"{instance.name} (pid {instance.pid})" for instance in selection.selected)
    if not selection.drawn:
        return f"{target.component}: {len(selection.selected)} of {len(selection.eligible)} eligible instances: {names}"
    among = ", ".join(instance.name for instance in selection.eligible)
    return f"{target.component}: {len(selection.selected)}, drawn anew in each run, of {among}"


def _wanted(target: Target) -> str:
    """Say what the target asks for, where nobody can tell what that is now."""
    among = ", ".join(target.instances) or "all its instances"
    without = f" without {', '.join(target.exclude)}" if target.exclude else ""
    match target.mode:
        case FixedCount(fixed=count):
            return f"{count} of {among}{without}"
        case PercentOfInstances(percent=share):
            return f"{share:.0%} of {among}{without}"
        case TargetMode.ONE:
            return f"one of {among}{without}"
        case TargetMode.ALL:
            return f"{among}{without}"


def _when(point: StrikePoint) -> str:
    moment = {
        StagePoint.START: "when stage {} begins",
        StagePoint.END: "when stage {} has ended, and before the next one begins",
        None: _moment_within(point),
    }[point.at].format(point.stage)
    return f"{format_duration(point.after)} after: {moment}" if point.after else moment


def _moment_within(point: StrikePoint) -> str:
    if point.failpoint:
        return f"when a process of stage {{}} reaches {point.failpoint}, where it waits for the strike"
    return f"when {(point.staged_rows or 0):.0%} of the rows that stage {{}} expects are staged"


def _hold(strike: Strike) -> str:
    return (
        f"{format_duration(strike.hold_for)} from the confirmed injection; if nobody ends it then, "
        f"its lease does so {format_duration(GRACE)} later"
    )


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]
