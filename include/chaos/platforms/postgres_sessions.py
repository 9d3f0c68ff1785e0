"""Sessions of the agent's own on a PostgreSQL, named by the injection that they serve.

They end with the agent, whose sockets the kernel closes; at their deadline, by a timeout of the server or in the thread
that uses them; and when they are ended by name, by whoever knows it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg
from psycopg import Connection

from include.chaos.model import TargetInstance
from include.chaos.platforms.postgres_server import AWAY_SECONDS, PostgresServer, Row, await_that, telling
from include.errors import PlatformError

END_SECONDS = 20.0

_COUNT = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND pid <> pg_backend_pid()"
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s AND pid <> pg_backend_pid()"


@dataclass(slots=True, kw_only=True)
class Holding:
    """What this process holds for one owner, until a deadline that may be put off."""

    owner: str
    until: datetime
    connections: list[Connection[Row]] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def seconds_left(self) -> float:
        """Give what is left until the deadline."""
        return (self.until - datetime.now(UTC)).total_seconds()

    def is_over(self, wait: float = 0.0) -> bool:
        """Tell whether it has ended or its time is up, after so many seconds if it has not ended before."""
        return self.ended.wait(wait) or self.seconds_left() <= 0

    def run(self, work: Callable[[], None]) -> None:
        """Let a thread work for it; a session that breaks ends the work."""
        thread = threading.Thread(target=_until_broken, args=(work,), name=self.owner, daemon=True)
        self.threads.append(thread)
        thread.start()

    def is_idle(self) -> bool:
        """Tell whether no thread works for it any more."""
        return not any(thread.is_alive() for thread in self.threads)

    def close(self) -> None:
        """Let go of what is left in this process."""
        self.ended.set()
        for connection in self.connections:
            connection.close()


class PostgresSessions:
    """Count and end sessions by their owner; what the sessions do is added by the classes derived from this."""

    def __init__(self, server: PostgresServer) -> None:
        """Hold nothing yet."""
        self._server = server
        self._held: dict[str, Holding] = {}

    def put_off(self, owner: str, until: datetime) -> None:
        """Move the moment at which they end by themselves; nothing where this process has none."""
        if holding := self._held.get(owner):
            holding.until = until
            with telling():
                self._renew(holding)

    def count(self, instance: TargetInstance, owner: str) -> int:  # noqa: ARG002  # there is one server
        """Ask the server how many there are."""
        with self._server.asked() as admin:
            return _count(admin, owner)

    def end(self, instance: TargetInstance, owner: str) -> None:
        """End all, and see none on the server; raise `PlatformError` when it cannot be asked."""
        holding = self._held.pop(owner, None)
        if holding:
            holding.ended.set()
        try:
            with self._server.asked(patience=AWAY_SECONDS) as admin:
                await_that(
                    lambda: _are_gone(admin, owner, holding), END_SECONDS, f"{instance.name}: {owner} has not ended"
                )
        finally:
            if holding:
                holding.close()

    def _begin(self, owner: str, until: datetime) -> Holding:
        if former := self._held.pop(owner, None):
            former.close()
        self._held[owner] = Holding(owner=owner, until=until)
        return self._held[owner]

    def _renew(self, holding: Holding) -> None:
        """Tell the server the new deadline, where it is the server that keeps it."""


def milliseconds(seconds: float) -> str:
    """Write a timeout of the server's; 0 would be none at all."""
    return f"{max(1, round(seconds * 1000))}ms"


def _count(admin: Connection[Row], owner: str) -> int:
    [(count,)] = admin.execute(_COUNT, (owner,)).fetchall()
    return int(count)


def _are_gone(admin: Connection[Row], owner: str, holding: Holding | None) -> bool:
    """End what is there, and tell whether nothing was, nor will be."""
    was_idle = holding is None or holding.is_idle()
    admin.execute(_END, (owner,))
    return was_idle and _count(admin, owner) == 0


def _until_broken(work: Callable[[], None]) -> None:
    try:
        work()
    except (psycopg.Error, PlatformError):
        return  # `count` no longer finds what ended, so that the loss is told
