"""`crash_loop`: kill a process, and whatever comes in its place, for as long as the strike holds.

What a bad release or a broken setting looks like from outside: it starts, dies, starts. Each life may last a while, in
which it takes connections and work that it does not finish.
"""

import signal
import time
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import ProcessControl
from include.chaos.faults.base import FaultKind
from include.chaos.model import Component, Duration, Model, Target, TargetInstance

OVERDUE = timedelta(seconds=3)
"""A process that has lived so much longer than it may is in no crash loop."""


class CrashLoop(Model, FaultKind[ProcessControl]):
    """SIGKILL a process, and each that comes in its place during the hold."""

    confirmed_by: ClassVar[str] = "the very process has ended, and so has each later one that the journal names"
    without_agent: ClassVar[str] = "nobody kills any more"
    strikes_again: ClassVar[bool] = True

    kind: Literal["crash_loop"] = "crash_loop"
    lives_for: Duration = Field(
        default=timedelta(0), ge=timedelta(0), description="how long each process that comes back is let live"
    )

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Refuse a loop without a hold, and the one process that nothing replaces."""
        if target.component is Component.PIPELINE:
            return "the process at a failpoint is one, and no other comes in its place: see `crash_at`"
        if target.component is Component.NODE:
            return "a node is no process: name the component that is to crash"
        if hold_for <= timedelta(0):
            return "it kills again and again through the hold: expected `hold_for`; to kill once, see `kill`"
        return None

    def inject(self, injection: InjectionPrepared, ability: ProcessControl) -> TargetInstance:
        """Kill the process that there is."""
        struck = ability.resolve_again(injection.instance)
        ability.signal_process(struck, signal.SIGKILL)
        return struck

    def strike_again(self, successor: TargetInstance, ability: ProcessControl) -> bool:
        """Kill it as soon as it is the server itself and has lived as long as it may."""
        if not _has_lived(successor, self.lives_for) or not ability.is_running(successor):
            return False
        ability.signal_process(successor, signal.SIGKILL)
        return True

    def in_force(self, injection: InjectionPrepared, ability: ProcessControl) -> bool:
        """Tell whether no process lives on that should have been killed."""
        if not ability.is_running(injection.instance):
            return True
        return not _has_lived(ability.resolve_again(injection.instance), self.lives_for + OVERDUE)

    def recover(self, injection: InjectionPrepared, ability: ProcessControl) -> None:
        """See it running: no hold, no loop."""
        ability.await_running(injection.instance)


def _has_lived(instance: TargetInstance, so_long: timedelta) -> bool:
    return time.time() - (instance.started_at or 0.0) >= so_long.total_seconds()
