"""`pause`: freeze a process with SIGSTOP and thaw it with SIGCONT.

It keeps its memory, its locks and its connections, and answers nobody: to others it looks hung, not dead. Whatever
supervises it sees a living process and does nothing.
"""

from typing import ClassVar, Literal, Protocol

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import ProcessFinder
from include.chaos.faults.base import FaultKind
from include.chaos.model import Model, TargetInstance


class Freezer(ProcessFinder, Protocol):
    """The freezing of processes, with their children."""

    def freeze(self, instance: TargetInstance) -> None:
        """Stop that very process and its children, and see them stopped."""
        ...

    def thaw(self, instance: TargetInstance) -> None:
        """Let them go on; nothing if they are gone or never stopped."""
        ...

    def is_frozen(self, instance: TargetInstance) -> bool:
        """Tell whether that very process is stopped."""
        ...


class Pause(Model, FaultKind[Freezer]):
    """SIGSTOP a process and its children, and SIGCONT them when the strike ends."""

    confirmed_by: ClassVar[str] = "the kernel shows the process as stopped"
    without_agent: ClassVar[str] = "it does not: only an agent thaws"

    kind: Literal["pause"] = "pause"

    def inject(self, injection: InjectionPrepared, ability: Freezer) -> TargetInstance:
        """Freeze the very process that was prepared for: undo must know it."""
        ability.freeze(injection.instance)
        return injection.instance

    def in_force(self, injection: InjectionPrepared, ability: Freezer) -> bool:
        """Tell whether it is still frozen."""
        return ability.is_frozen(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: Freezer) -> None:
        """Thaw it; a process that has ended meanwhile needs no undo."""
        ability.thaw(injection.instance)
