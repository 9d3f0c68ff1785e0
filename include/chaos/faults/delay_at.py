"""`delay_at`: keep the process that has reached a failpoint there for as long as the strike holds.

The process lives, holds what it holds (a transaction, a lock, a slot), and does not go on.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import FailpointControl, require_pipeline
from include.chaos.faults.base import FaultKind
from include.chaos.model import Model, Target, TargetInstance
from include.errors import PlatformError


class DelayAt(Model, FaultKind[FailpointControl]):
    """Keep the process that has reached the strike's failpoint waiting."""

    confirmed_by: ClassVar[str] = "the process lives, and waits"
    keeps_failpoint: ClassVar[bool] = True
    without_agent: ClassVar[str] = "the order to wait carries the deadline"

    kind: Literal["delay_at"] = "delay_at"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only on who waits at the failpoint."""
        return require_pipeline(target)

    def inject(self, injection: InjectionPrepared, ability: FailpointControl) -> TargetInstance:
        """See that it waits, and let it wait on."""
        ability.keep_waiting(injection.instance, injection.hold_until)
        if not ability.is_waiting(injection.instance):
            raise PlatformError(f"{injection.instance.name}: nobody waits there any more")
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, ability: FailpointControl) -> None:
        """Move the moment at which it goes on by itself."""
        ability.keep_waiting(injection.instance, until)

    def in_force(self, injection: InjectionPrepared, ability: FailpointControl) -> bool:
        """Tell whether it still waits."""
        return ability.is_waiting(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: FailpointControl) -> None:
        """Let it go on."""
        ability.release(injection.instance)
