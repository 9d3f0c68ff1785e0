"""`kill`: end a process with a signal, and keep it down for as long as the strike holds.

Whoever supervises the process will start it again; with a hold it may do so only when the hold ends. The effect is that
every connection breaks and nothing answers. Undo lifts the hold and waits for the supervisor to have it running.
"""

import signal
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import ProcessControl
from include.chaos.faults.base import FaultKind
from include.chaos.model import SPAWNED, Model, Target, TargetInstance


class Kill(Model, FaultKind[ProcessControl]):
    """SIGKILL (or SIGTERM) a process and hold it down."""

    confirmed_by: ClassVar[str] = "the very process has ended"
    without_agent: ClassVar[str] = "its hold file carries the deadline"

    kind: Literal["kill"] = "kill"
    signal: Literal["KILL", "TERM"] = Field(
        default="KILL", description="KILL cannot be caught; TERM asks for an orderly end"
    )

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Refuse to hold down what no supervisor starts."""
        if target.component in SPAWNED and hold_for > timedelta(0):
            return f"nobody supervises a {target.component}, so it cannot be held down: leave hold_for out"
        return None

    def inject(self, injection: InjectionPrepared, ability: ProcessControl) -> TargetInstance:
        """Hold the process down, then end it; give the instance as it was struck."""
        struck = ability.resolve_again(injection.instance)
        if injection.hold_for > timedelta(0):
            ability.hold_down(struck, injection.hold_until)
        ability.signal_process(struck, signal.Signals[f"SIG{self.signal}"])
        return struck

    def extend(self, injection: InjectionPrepared, until: datetime, ability: ProcessControl) -> None:
        """Move the moment at which the hold ends by itself."""
        if injection.hold_for > timedelta(0):
            ability.hold_down(injection.instance, until)

    def in_force(self, injection: InjectionPrepared, ability: ProcessControl) -> bool:
        """Tell whether the process is still down."""
        return not ability.is_running(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: ProcessControl) -> None:
        """Lift the hold and see the process running; safe to repeat."""
        ability.lift_hold(injection.instance)
        ability.await_running(injection.instance)
