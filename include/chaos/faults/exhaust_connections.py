"""`exhaust_connections`: hold every connection that the server gives, as a pool without a limit does."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind
from include.chaos.faults.database import ConnectionHolder, owner_of, require_postgres
from include.chaos.model import Model, Target, TargetInstance


class ExhaustConnections(Model, FaultKind[ConnectionHolder]):
    """Hold all connections but those reserved for superusers: whoever connects anew is refused."""

    confirmed_by: ClassVar[str] = "the server refused one more, and counts only reserved slots as free"
    without_agent: ClassVar[str] = "the connections end with the agent, and by the server's timeout"

    kind: Literal["exhaust_connections"] = "exhaust_connections"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Act on a PostgreSQL, and for some time."""
        if not hold_for:
            return "connections that are not held exhaust nothing: expected `hold_for`"
        return require_postgres(target)

    def inject(self, injection: InjectionPrepared, ability: ConnectionHolder) -> TargetInstance:
        """Connect until the server refuses."""
        ability.fill(injection.instance, owner_of(injection), until=injection.hold_until)
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, ability: ConnectionHolder) -> None:
        """Move the moment at which the server ends the sessions."""
        ability.put_off(owner_of(injection), until)

    def in_force(self, injection: InjectionPrepared, ability: ConnectionHolder) -> bool:
        """Tell whether the fault's own sessions are there, and only reserved slots are free."""
        return ability.count(injection.instance, owner_of(injection)) > 0 and ability.is_full(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: ConnectionHolder) -> None:
        """End the sessions, through a slot that is reserved for superusers."""
        ability.end(injection.instance, owner_of(injection))
