"""`crash_at`: end the process that waits at a failpoint, at the very place in its work at which a crash hurts most."""

from datetime import timedelta
from typing import ClassVar, Literal

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import FailpointControl, require_pipeline
from include.chaos.faults.base import FaultKind
from include.chaos.model import Model, Target, TargetInstance


class CrashAt(Model, FaultKind[FailpointControl]):
    """Crash the process that has reached the strike's failpoint."""

    confirmed_by: ClassVar[str] = "the very process has ended"
    without_agent: ClassVar[str] = "it is over at once"

    kind: Literal["crash_at"] = "crash_at"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only on who waits at the failpoint."""
        return require_pipeline(target)

    def inject(self, injection: InjectionPrepared, ability: FailpointControl) -> TargetInstance:
        """Order the crash and see the process gone."""
        ability.crash(injection.instance)
        return injection.instance

    def in_force(self, injection: InjectionPrepared, ability: FailpointControl) -> bool:
        """Tell whether the process is gone."""
        return not ability.is_waiting(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: FailpointControl) -> None:
        """Disarm the failpoint; the process is the pipeline's own to bring back."""
        ability.release(injection.instance)
