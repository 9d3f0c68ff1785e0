"""`kill`: end a process with a signal, and keep it down for as long as the strike holds.

Whoever supervises the process will start it again; with a hold it may do so only when the hold ends. The effect is that
every connection breaks and nothing answers. Undo lifts the hold and waits for the supervisor to have it running.
"""

import signal
from datetime import datetime, timedelta
from typing import Literal, Protocol

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.model import Model, TargetInstance


class ProcessControl(Protocol):
    """What `kill` needs of a platform."""

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        """Give the instance with the process that it has now; raise `PlatformError` when it has none."""
        ...

    def hold_down(self, instance: TargetInstance, until: datetime) -> None:
        """Keep the process from being started again until then, also if nobody is left to lift the hold."""
        ...

    def signal_process(self, instance: TargetInstance, number: signal.Signals) -> None:
        """Send a signal and return when that very process has ended; raise `PlatformError` when it has not."""
        ...

    def lift_hold(self, instance: TargetInstance) -> None:
        """End a hold, if there is one."""
        ...

    def is_running(self, instance: TargetInstance) -> bool:
        """Tell whether the instance itself runs, not only what holds it down."""
        ...

    def await_running(self, instance: TargetInstance) -> None:
        """Return when the instance has a running process; raise `PlatformError` when it gets none."""
        ...


class Kill(Model):
    """SIGKILL (or SIGTERM) a process and hold it down."""

    kind: Literal["kill"] = "kill"
    signal: Literal["KILL", "TERM"] = Field(
        default="KILL", description="KILL cannot be caught; TERM asks for an orderly end"
    )

    def inject(self, injection: InjectionPrepared, processes: ProcessControl) -> TargetInstance:
        """Hold the process down, then end it; give the instance as it was struck."""
        struck = processes.resolve_again(injection.instance)
        if injection.hold_for > timedelta(0):
            processes.hold_down(struck, injection.hold_until)
        processes.signal_process(struck, signal.Signals[f"SIG{self.signal}"])
        return struck

    def extend(self, injection: InjectionPrepared, until: datetime, processes: ProcessControl) -> None:
        """Move the moment at which the hold ends by itself."""
        if injection.hold_for > timedelta(0):
            processes.hold_down(injection.instance, until)

    def in_force(self, injection: InjectionPrepared, processes: ProcessControl) -> bool:
        """Tell whether the process is still down."""
        return not processes.is_running(injection.instance)

    def recover(self, injection: InjectionPrepared, processes: ProcessControl) -> None:
        """Lift the hold and see the process running; safe to repeat."""
        processes.lift_hold(injection.instance)
        processes.await_running(injection.instance)
