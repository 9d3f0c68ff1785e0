"""`crash`: an immediate shutdown of a PostgreSQL, from which it comes back by crash recovery.

`kill` takes the postmaster only, and its children go when they notice. Here the postmaster ends them all at once,
tells each client why, writes no checkpoint and flushes nothing: what `pg_ctl stop -m immediate` does.
"""

import signal
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import ProcessControl
from include.chaos.faults.base import FaultKind
from include.chaos.faults.database import require_postgres
from include.chaos.model import Model, Target, TargetInstance


class Crash(Model, FaultKind[ProcessControl]):
    """Shut PostgreSQL down at once with SIGQUIT, without a checkpoint, and hold it down."""

    confirmed_by: ClassVar[str] = "the very postmaster has ended"
    without_agent: ClassVar[str] = "its hold file carries the deadline"

    kind: Literal["crash"] = "crash"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act on a PostgreSQL."""
        return require_postgres(target)

    def inject(self, injection: InjectionPrepared, ability: ProcessControl) -> TargetInstance:
        """Hold it down, then end it; give the instance as it was struck."""
        struck = ability.resolve_again(injection.instance)
        if injection.hold_for:
            ability.hold_down(struck, injection.hold_until)
        ability.signal_process(struck, signal.SIGQUIT)
        return struck

    def extend(self, injection: InjectionPrepared, until: datetime, ability: ProcessControl) -> None:
        """Move the moment at which the hold ends by itself."""
        if injection.hold_for:
            ability.hold_down(injection.instance, until)

    def in_force(self, injection: InjectionPrepared, ability: ProcessControl) -> bool:
        """Tell whether it is still down."""
        return not ability.is_running(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: ProcessControl) -> None:
        """Lift the hold and see the server running; it replays its log before it answers."""
        ability.lift_hold(injection.instance)
        ability.await_running(injection.instance)
