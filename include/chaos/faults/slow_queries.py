"""`slow_queries`: neighbours that hash and sort without pause, so that everybody's queries take longer.

No setting is touched. How slow it gets depends on the machine: the neighbours compete for its cores, and for the disk
with the files into which they sort. On a lab they slow what else runs on its machine as well.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind
from include.chaos.faults.database import Crowd, owner_of, require_postgres
from include.chaos.model import Model, Target, TargetInstance


class SlowQueries(Model, FaultKind[Crowd]):
    """Let neighbours hash and sort on the server without pause: queries get slow, and none fails."""

    confirmed_by: ClassVar[str] = "the server shows the neighbours at work"
    without_agent: ClassVar[str] = "the neighbours end with the agent, a query or a second later"

    kind: Literal["slow_queries"] = "slow_queries"
    neighbours: int = Field(default=32, ge=1, le=64, description="sessions that work at the same time")

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Act on a PostgreSQL, and for some time."""
        if not hold_for:
            return "neighbours that leave at once slow nothing: expected `hold_for`"
        return require_postgres(target)

    def inject(self, injection: InjectionPrepared, ability: Crowd) -> TargetInstance:
        """Let the neighbours begin."""
        owner, until = owner_of(injection), injection.hold_until
        ability.gather(injection.instance, owner, sessions=self.neighbours, until=until)
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, ability: Crowd) -> None:
        """Move the moment at which they leave by themselves."""
        ability.put_off(owner_of(injection), until)

    def in_force(self, injection: InjectionPrepared, ability: Crowd) -> bool:
        """Tell whether all of them are there."""
        return ability.count(injection.instance, owner_of(injection)) >= self.neighbours

    def recover(self, injection: InjectionPrepared, ability: Crowd) -> None:
        """End their sessions."""
        ability.end(injection.instance, owner_of(injection))
