"""Who has come in place of a struck instance, for faults that strike again.

A standing component keeps its name and has another process. What the pipeline spawns comes under another name: one
newcomer takes the place of one that is gone, and whoever was there at the strike point is nobody's successor, so that
a fault never has more victims at a time than were selected.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from include.chaos.agent.aim import Resolver
from include.chaos.agent.leases import LeaseBook
from include.chaos.events import InjectionPrepared
from include.chaos.model import SPAWNED, Target, TargetInstance
from include.errors import PlatformError


@dataclass(frozen=True, slots=True, kw_only=True)
class Successors:
    """Finds successors among what there is now."""

    platform: Resolver
    book: LeaseBook

    def of(self, injection: InjectionPrepared, spawned: Sequence[TargetInstance]) -> TargetInstance | None:
        """Give what is there in place of what the injection struck last; None while there is nothing."""
        last = self.book.last_struck(injection)
        if last.component in SPAWNED:
            return None if last in spawned else next((one for one in spawned if not self.book.is_known(one)), None)
        return self._now(last)

    def _now(self, last: TargetInstance) -> TargetInstance | None:
        try:
            (now,) = self.platform.resolve(Target(component=last.component, instances=(last.name,)))
        except PlatformError:
            return None
        return now if (now.pid, now.started_at) != (last.pid, last.started_at) else None
