"""What fault kinds ask of a platform, one Protocol an ability; where only one kind asks, it stands with that kind."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from include.chaos.model import Component, Target, TargetInstance
from include.object_gate.rules import Rule


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


def require_object_store(target: Target) -> str | None:
    """Say that the target must be the object store, unless it is."""
    if target.component is Component.OBJECT_STORE:
        return None
    return "it acts on what an S3 server gives: expected `component: object_store`"


class ObjectGateControl(ProcessFinder, Protocol):
    """Rules of the gate through which everybody asks the object store."""

    def set_rule(self, name: str, rule: Rule) -> None:
        """Set a rule, or replace the one of that name, and see it stand; raise `PlatformError` when it does not."""
        ...

    def has_rule(self, name: str) -> bool:
        """Tell whether the rule stands."""
        ...

    def drop_rule(self, name: str) -> None:
        """Drop a rule; nothing where it does not stand, or where the gate that held it is gone."""
        ...


class BucketWriter(ProcessFinder, Protocol):
    """Hands in a bucket, past whatever stands before the server. Each verb raises `PlatformError` when it fails."""

    def put_object(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object, or replace the one that is there."""
        ...

    def delete_objects(self, bucket: str, keys: Sequence[str]) -> None:
        """Delete objects; those that are gone already are no error."""
        ...

    def count_objects(self, bucket: str, prefix: str, limit: int) -> int:
        """List at most `limit` objects and count them."""
        ...

    def read_objects(self, bucket: str, prefix: str, limit: int) -> Sequence[bytes]:
        """Give the contents of the first objects that a listing shows."""


class Stream(StrEnum):
    """One direction of the connections through a proxy, in Toxiproxy's words."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    """Something in the way of one stream, as Toxiproxy names and measures it; its name is the injection's own."""

    name: str
    type: str
    stream: Stream
    attributes: Mapping[str, int | float]


class NetworkControl(Protocol):
    """The way to an instance that stands behind a proxy; raises `PlatformError` when the proxy does not do it."""

    def add(self, instance: TargetInstance, toxic: Toxic, until: datetime) -> None:
        """Put a toxic into the way, until then at the latest; nothing if it is there."""
        ...

    def keep(self, instance: TargetInstance, toxic: Toxic, until: datetime) -> None:
        """Let a toxic that is there end by itself at another time."""
        ...

    def toxics(self, instance: TargetInstance) -> frozenset[str]:
        """Give the names of what is in the way; none when the proxy is gone, for its toxics are gone with it."""
        ...

    def remove(self, instance: TargetInstance, name: str) -> None:
        """Take a toxic out of the way; nothing if it is not there, or the proxy is gone."""
        ...

    def cut(self, instance: TargetInstance, by: str, until: datetime) -> None:
        """Refuse connections and end those open, in the name of an injection and until then at the latest."""
        ...

    def is_cut(self, instance: TargetInstance, by: str) -> bool:
        """Tell whether the way is cut in that injection's name."""
        ...

    def restore(self, instance: TargetInstance, by: str) -> None:
        """End a cut that was made in that injection's name; nothing if there is none, or the proxy is gone."""
        ...
