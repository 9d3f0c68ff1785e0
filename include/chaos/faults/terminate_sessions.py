"""`terminate_sessions`: end the sessions of a role, as an administrator, a failover or a pooler's restart does.

With a hold it does so again and again, so that whoever reconnects is met again; without one, once.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind
from include.chaos.faults.database import SessionEnder, owner_of, require_postgres
from include.chaos.model import Duration, Model, Target, TargetInstance


class TerminateSessions(Model, FaultKind[SessionEnder]):
    """Terminate sessions in the middle of whatever they do; once, or again and again while the strike holds."""

    confirmed_by: ClassVar[str] = "at least one session was terminated, and is gone"
    without_agent: ClassVar[str] = "nobody terminates any more"

    kind: Literal["terminate_sessions"] = "terminate_sessions"
    role: str | None = Field(default=None, description="whose sessions; the pipeline's own role when not named")
    application_name: str = Field(
        default="%", description="only sessions whose application_name is LIKE this; `scale` is the Scale pipeline"
    )
    every: Duration = Field(
        default=timedelta(seconds=1), ge=timedelta(milliseconds=50), description="how often, while the strike holds"
    )

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act on a PostgreSQL."""
        return require_postgres(target)

    def inject(self, injection: InjectionPrepared, ability: SessionEnder) -> TargetInstance:
        """Terminate those that are there, and go on with those that come."""
        ability.end_others(
            injection.instance,
            owner_of(injection),
            role=self.role,
            application_name=self.application_name,
            every=self.every if injection.hold_for else None,
            until=injection.hold_until,
        )
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, ability: SessionEnder) -> None:
        """Move the moment after which no more are terminated."""
        ability.put_off(owner_of(injection), until)

    def in_force(self, injection: InjectionPrepared, ability: SessionEnder) -> bool:
        """Tell whether the session that terminates others is there."""
        return ability.count(injection.instance, owner_of(injection)) > 0

    def recover(self, injection: InjectionPrepared, ability: SessionEnder) -> None:
        """End the session that terminates others."""
        ability.end(injection.instance, owner_of(injection))
