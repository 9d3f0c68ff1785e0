"""`lose_node`: end every process of a node at once, as when a machine loses its power, and keep the node down.

Nothing is shut down in order: what ran together ends together, servers and whatever they have spawned. Undo gives the
node its power back, and waits until its supervisor has all of its servers running.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import require_component
from include.chaos.faults.base import FaultKind
from include.chaos.model import Component, Model, Target, TargetInstance


class NodeControl(Protocol):
    """The loss of nodes, and their return."""

    def hold_down(self, instance: TargetInstance, until: datetime) -> None:
        """Keep all of the node's processes from being started again until then, also if nobody is left to lift it."""
        ...

    def lose(self, instance: TargetInstance) -> None:
        """End all of its processes at once, and return when they have; raise `PlatformError` when none runs."""
        ...

    def is_lost(self, instance: TargetInstance) -> bool:
        """Tell whether none of its servers runs."""
        ...

    def bring_back(self, instance: TargetInstance) -> None:
        """End the hold, if there is one, and return when all its servers run; raise `PlatformError` if one does not."""
        ...


class LoseNode(Model, FaultKind[NodeControl]):
    """SIGKILL all processes of a node within milliseconds and hold the node down."""

    confirmed_by: ClassVar[str] = "all its processes have ended"
    without_agent: ClassVar[str] = "its hold files carry the deadline"

    kind: Literal["lose_node"] = "lose_node"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only on a node."""
        return require_component(target, Component.NODE)

    def inject(self, injection: InjectionPrepared, ability: NodeControl) -> TargetInstance:
        """Hold the node down, then end it."""
        if injection.hold_for > timedelta(0):
            ability.hold_down(injection.instance, injection.hold_until)
        ability.lose(injection.instance)
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, ability: NodeControl) -> None:
        """Move the moment at which it comes back by itself."""
        if injection.hold_for > timedelta(0):
            ability.hold_down(injection.instance, until)

    def in_force(self, injection: InjectionPrepared, ability: NodeControl) -> bool:
        """Tell whether the node is still down."""
        return ability.is_lost(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: NodeControl) -> None:
        """Lift the hold and see all its servers running; safe to repeat."""
        ability.bring_back(injection.instance)
