"""What the kinds have in common that use up what others need: a stressor that ends by itself."""

from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind
from include.chaos.faults.stress_work import StressWork
from include.chaos.model import Component, Target, TargetInstance


class Stressor(Protocol):
    """Processes that use up what others need; each belongs to one injection.

    One ends by itself when its time is over, and when whoever started it has died.
    """

    def start_stress(self, injection_id: str, work: StressWork, until: datetime) -> None:
        """Start one and see it at work; raise `PlatformError` when it is not, or would leave too little to live on."""
        ...

    def extend_stress(self, injection_id: str, until: datetime) -> None:
        """Move the moment at which it ends by itself, unless it is ended already."""
        ...

    def is_stressing(self, injection_id: str) -> bool:
        """Tell whether it is at work."""
        ...

    def stop_stress(self, injection_id: str) -> None:
        """End it, whoever started it, and see it gone; also when there is none."""
        ...

    def cores(self) -> int:
        """Count the machine's cores."""
        ...

    def available_memory(self) -> int:
        """Give the bytes that can be had without swapping."""
        ...

    def data_folder(self, instance: TargetInstance) -> Path:
        """Give the folder in which a running component keeps its data; raise `PlatformError` when there is none."""
        ...


class StressFault(FaultKind[Stressor]):
    """The verbs that are the same for all kinds of stress."""

    confirmed_by: ClassVar[str] = "the kernel counts what the stressor uses"
    without_agent: ClassVar[str] = "the stressor dies with its agent, and carries the deadline"

    def extend(self, injection: InjectionPrepared, until: datetime, ability: Stressor) -> None:
        """Move the moment at which the stressor ends by itself."""
        ability.extend_stress(injection.injection_id, until)

    def in_force(self, injection: InjectionPrepared, ability: Stressor) -> bool:
        """Tell whether the stressor is at work."""
        return ability.is_stressing(injection.injection_id)

    def recover(self, injection: InjectionPrepared, ability: Stressor) -> None:
        """End the stressor, and see it gone."""
        ability.stop_stress(injection.injection_id)


def require_node(target: Target) -> str | None:
    """Say that the target must be a machine, unless it is."""
    if target.component is Component.NODE:
        return None
    return f"it is a machine that has cores and memory, not the {target.component}: expected `component: node`"
