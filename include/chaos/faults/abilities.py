"""What fault kinds ask of a platform, one Protocol an ability; where only one kind asks, it stands with that kind."""

import signal
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from include.chaos.model import Component, Target, TargetInstance


class ProcessFinder(Protocol):
    """Sight of the processes behind instances."""

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        """Give the instance with the process that it has now; raise `PlatformError` when it has none."""
        ...

    def is_running(self, instance: TargetInstance) -> bool:
        """Tell whether the instance itself runs, not only what holds it down."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """How a process is stopped: for that share of each period."""

    stopped: float
    period: timedelta


class ProcessControl(ProcessFinder, Protocol):
    """The end of processes, and their return."""

    def hold_down(self, instance: TargetInstance, until: datetime) -> None:
        """Keep the process from being started again until then, also if nobody is left to lift the hold."""
        ...

    def signal_process(self, instance: TargetInstance, number: signal.Signals) -> None:
        """Send a signal and return when that very process has ended; raise `PlatformError` when it has not."""
        ...

    def lift_hold(self, instance: TargetInstance) -> None:
        """End a hold, if there is one."""
        ...

    def await_running(self, instance: TargetInstance) -> None:
        """Return when the instance has a running process; raise `PlatformError` when it gets none."""
        ...


class StopAndGo(ProcessFinder, Protocol):
    """The stopping of one process, without its children, for a share of the time; `name` is the order's own.

    An order is carried out by a process that outlives whoever gave it, and ends at its deadline.
    """

    def begin(self, process: TargetInstance, name: str, cycle: Cycle, until: datetime) -> None:
        """Stop that very process again and again until then, and see it stopped; raise `PlatformError` otherwise."""
        ...

    def extend(self, name: str, until: datetime) -> None:
        """Move the end of an order that stands."""
        ...

    def stands(self, process: TargetInstance, name: str) -> bool:
        """Tell whether the order is carried out."""
        ...

    def end(self, process: TargetInstance, name: str) -> None:
        """End the order and let the process go on; nothing if there is no order, or the process is gone."""
        ...


def require_component(target: Target, wanted: Component) -> str | None:
    """Say that the target must be of that component, unless it is."""
    return None if target.component is wanted else f"expected `component: {wanted}`, not {target.component}"


def require_pipeline(target: Target) -> str | None:
    """Say that the target must be the process at the strike's failpoint, unless it is."""
    if target.component is Component.PIPELINE:
        return None
    return "its target is the process that waits at the strike's failpoint: expected `component: pipeline`"


class FailpointControl(Protocol):
    """Orders for the process that waits at a failpoint; the instance is that process."""

    def keep_waiting(self, instance: TargetInstance, until: datetime) -> None:
        """Let it wait until then, unless it is released before."""
        ...

    def crash(self, instance: TargetInstance) -> None:
        """Have it end itself with SIGKILL, and return when it has; raise `PlatformError` when it does not."""
        ...

    def is_waiting(self, instance: TargetInstance) -> bool:
        """Tell whether it still waits there."""
        ...

    def release(self, instance: TargetInstance) -> None:
        """Let it go on, and nobody stop there any more; also when nobody does."""
        ...
