"""What faults of a PostgreSQL ask of a platform: sessions that hold something, and settings of the server.

Sessions are of the agent's own and carry the name of the injection that they serve, so that an undo finds them on the
server, whoever opened them.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from include.chaos.events import InjectionPrepared
from include.chaos.model import Component, Target, TargetInstance


class TableLock(StrEnum):
    """What a transaction holds of a relation."""

    EXCLUSIVE = "access_exclusive"
    SHARE = "share"
    ROWS = "rows"


class OwnedSessions(Protocol):
    """Sessions that serve one injection, their `owner`."""

    def put_off(self, owner: str, until: datetime) -> None:
        """Move the moment at which they end by themselves; nothing where this process has none."""
        ...

    def count(self, instance: TargetInstance, owner: str) -> int:
        """Ask the server how many there are."""
        ...

    def end(self, instance: TargetInstance, owner: str) -> None:
        """End all, and see none on the server; raise `PlatformError` when it cannot be asked."""
        ...


class TransactionHolder(OwnedSessions, Protocol):
    """Transactions that are left open."""

    def hold(self, instance: TargetInstance, owner: str, *, relation: str, lock: TableLock, until: datetime) -> None:
        """Begin one, lock, and leave it so; raise `PlatformError` when the lock is not to be had."""
        ...


class ConnectionHolder(OwnedSessions, Protocol):
    """Connections that take the place of others."""

    def fill(self, instance: TargetInstance, owner: str, *, until: datetime) -> None:
        """Take every slot that the pipeline could, and any that becomes free."""
        ...

    def is_full(self, instance: TargetInstance) -> bool:
        """Tell whether only reserved slots are free."""
        ...


class Crowd(OwnedSessions, Protocol):
    """Sessions that work hard."""

    def gather(self, instance: TargetInstance, owner: str, *, sessions: int, until: datetime) -> None:
        """Let so many hash and sort, and see them at work."""
        ...


class SessionEnder(OwnedSessions, Protocol):
    """An end to the sessions of others."""

    def end_others(
        self,
        instance: TargetInstance,
        owner: str,
        *,
        role: str | None,
        application_name: str,
        every: timedelta | None,
        until: datetime,
    ) -> None:
        """Terminate those of a role (None: the pipeline's) with such a name, once or `every` so often.

        Raises `PlatformError` when there was none to terminate.
        """
        ...


class ServerSettings(Protocol):
    """The server's own configuration, in force without a restart."""

    def configured(self, instance: TargetInstance, name: str) -> str | None:
        """Give what was set by such a change before; None where nothing was."""
        ...

    def configure(self, instance: TargetInstance, name: str, value: str) -> None:
        """Set it, and return when new sessions go by it."""
        ...

    def restore(self, instance: TargetInstance, name: str, former: str | None) -> None:
        """Put back what `configured` gave, however long the server is away; return when new sessions go by it."""
        ...

    def seen_by_pipeline(self, instance: TargetInstance, name: str) -> str:
        """Give the value in a new session of the pipeline's role."""
        ...

    def cut_transactions(self, instance: TargetInstance) -> None:
        """End the sessions that have a transaction under way; those of superusers go on."""
        ...


def owner_of(injection: InjectionPrepared) -> str:
    """Name an injection's own sessions."""
    return f"chaos-control {injection.injection_id}"


def require_postgres(target: Target) -> str | None:
    """Say that the target must be a PostgreSQL that can be administered, unless it is."""
    if target.component is Component.WAREHOUSE:
        return None
    return "its target is a PostgreSQL that the agent administers: expected `component: warehouse`"
