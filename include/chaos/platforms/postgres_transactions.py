"""Transactions that are left open on a PostgreSQL."""

from datetime import datetime

from psycopg import sql

from include.chaos.faults.database import TableLock
from include.chaos.model import TargetInstance
from include.chaos.platforms.postgres_server import telling
from include.chaos.platforms.postgres_sessions import Holding, PostgresSessions, milliseconds

LOCK_SECONDS = 8
"""How long the lock is waited for; others queue behind this request, as behind any client's."""

_LOCK = {
    TableLock.EXCLUSIVE: sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE"),
    TableLock.SHARE: sql.SQL("LOCK TABLE {} IN SHARE MODE"),
    TableLock.ROWS: sql.SQL("SELECT count(*) FROM (SELECT FROM {} FOR UPDATE) AS locked"),
}


class PostgresTransactions(PostgresSessions):
    """Begin, lock, and do nothing more. The server itself ends the session when it was idle up to the deadline."""

    def hold(
        self,
        instance: TargetInstance,  # noqa: ARG002  # there is one server
        owner: str,
        *,
        relation: str,
        lock: TableLock,
        until: datetime,
    ) -> None:
        """Begin one, lock, and leave it so; raise `PlatformError` when the lock is not to be had."""
        holding = self._begin(owner, until)
        session = self._server.enter(owner, lock_timeout=f"{LOCK_SECONDS}s")
        holding.connections.append(session)
        with telling():
            session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            session.execute(_LOCK[lock].format(sql.Identifier(*relation.split("."))))
            session.execute("SELECT 1")  # LOCK takes no snapshot
            self._renew(holding)

    def _renew(self, holding: Holding) -> None:
        left = sql.Literal(milliseconds(holding.seconds_left()))
        for session in holding.connections:
            session.execute(sql.SQL("SET idle_in_transaction_session_timeout = {}").format(left))
