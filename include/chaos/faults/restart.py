"""`restart`: end a process in the orderly way, and let its supervisor start it again at once.

What an upgrade or a changed setting does to a server. It may finish what it does, and closes its connections itself.
"""

from datetime import timedelta
from typing import ClassVar, Literal, Protocol

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import ProcessFinder
from include.chaos.faults.base import FaultKind
from include.chaos.model import SPAWNED, Component, Duration, Model, Target, TargetInstance


class Restarter(ProcessFinder, Protocol):
    """The orderly end of processes that somebody starts again."""

    def end_orderly(self, instance: TargetInstance, grace: timedelta) -> None:
        """Have that very process end as its supervisor would, with SIGKILL after so long, and see it ended."""
        ...

    def await_another(self, instance: TargetInstance) -> None:
        """Return when another process runs in its place; raise `PlatformError` when none comes."""
        ...

    def lives(self, instance: TargetInstance) -> bool:
        """Tell whether that very process lives."""
        ...

    def await_running(self, instance: TargetInstance) -> None:
        """Return when the instance has a running process; raise `PlatformError` when it gets none."""
        ...


class Restart(Model, FaultKind[Restarter]):
    """Stop a process in the orderly way and let it be started again."""

    confirmed_by: ClassVar[str] = "another process runs in its place"
    without_agent: ClassVar[str] = "its supervisor starts it again"

    kind: Literal["restart"] = "restart"
    grace: Duration = Field(
        default=timedelta(seconds=10), description="how long it may take to end by itself, before SIGKILL"
    )

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Refuse what nobody starts again, and a hold: this is over when the other process runs."""
        if target.component in SPAWNED:
            return f"nobody supervises a {target.component}, so nobody would start it again: see `kill`"
        if target.component is Component.NODE:
            return "a node is no process: name the component that is to be restarted"
        if hold_for > timedelta(0):
            return "it is over when the other process runs: leave hold_for out, or see `kill`, which holds down"
        return None

    def inject(self, injection: InjectionPrepared, ability: Restarter) -> TargetInstance:
        """End the process that there is, and see another one."""
        struck = ability.resolve_again(injection.instance)
        ability.end_orderly(struck, self.grace)
        ability.await_another(struck)
        return struck

    def in_force(self, injection: InjectionPrepared, ability: Restarter) -> bool:
        """Tell whether the process from before is gone."""
        return not ability.lives(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: Restarter) -> None:
        """See it running."""
        ability.await_running(injection.instance)
