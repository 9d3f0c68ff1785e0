"""Sessions on a PostgreSQL that get in the way of others: at work, in their place, or against them."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from psycopg import Connection, sql

from include.chaos.model import TargetInstance
from include.chaos.platforms.postgres_server import Row, await_that, telling
from include.chaos.platforms.postgres_sessions import END_SECONDS, Holding, PostgresSessions, milliseconds
from include.errors import PlatformError

REFILL_SECONDS = 0.1
MATCH_SECONDS = 5.0
"""How long a session that can be terminated is waited for."""

_HARD_WORK = (
    "SELECT count(*) FROM (SELECT md5(i::text) AS h FROM generate_series(1, 200000) AS i ORDER BY h OFFSET 0) AS s"
)
_AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND state = 'active'"
_FREE_SLOTS = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true), '0')::int - count(*)
FROM pg_stat_activity WHERE backend_type = 'client backend'
"""
_END_OTHERS = """
SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND usename = %s AND application_name LIKE %s AND pid <> pg_backend_pid()
    AND application_name NOT LIKE 'chaos-control %%'
"""
_STILL_THERE = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)"


class PostgresCrowd(PostgresSessions):
    """Neighbours that hash and sort. Each ends with its query, or when the server finds its client gone."""

    def gather(self, instance: TargetInstance, owner: str, *, sessions: int, until: datetime) -> None:
        """Let so many hash and sort, and see them at work."""
        holding = self._begin(owner, until)
        for _ in range(sessions):
            session = self._server.enter(owner, work_mem="64kB", client_connection_check_interval="1s")
            holding.connections.append(session)
            holding.run(partial(_work_hard, session, holding))
        with self._server.asked() as admin:
            complaint = f"{instance.name}: the neighbours did not begin to work"
            await_that(lambda: _value(admin, _AT_WORK, owner) >= sessions, END_SECONDS, complaint)


class PostgresConnections(PostgresSessions):
    """Connections of the pipeline's role, so that it can never be a reserved slot that they take."""

    def fill(self, instance: TargetInstance, owner: str, *, until: datetime) -> None:  # noqa: ARG002  # there is one server
        """Take every slot that the pipeline could, and any that becomes free."""
        holding = self._begin(owner, until)
        watch = self._server.enter(owner)
        holding.connections.append(watch)
        self._take_all(holding, watch)
        holding.run(partial(self._keep_full, holding, watch))

    def is_full(self, instance: TargetInstance) -> bool:  # noqa: ARG002  # there is one server
        """Tell whether only reserved slots are free."""
        with self._server.asked() as admin:
            return _value(admin, _FREE_SLOTS) < 0  # who asks sits in a reserved one itself

    def _keep_full(self, holding: Holding, watch: Connection[Row]) -> None:
        while not holding.is_over(REFILL_SECONDS):
            with suppress(PlatformError):
                self._take_all(holding, watch)
        watch.close()

    def _take_all(self, holding: Holding, watch: Connection[Row]) -> None:
        """Connect until no slot is free; a refusal before that is an error."""
        with telling():
            while not holding.is_over() and _value(watch, _FREE_SLOTS) > 0:
                timeout = milliseconds(holding.seconds_left())
                try:
                    session = self._server.enter_as_pipeline(holding.owner, idle_session_timeout=timeout)
                except PlatformError:
                    if _value(watch, _FREE_SLOTS) > 0:
                        raise
                else:
                    holding.connections.append(session)

    def _renew(self, holding: Holding) -> None:
        left = sql.Literal(milliseconds(holding.seconds_left()))
        for session in tuple(holding.connections)[1:]:
            session.execute(sql.SQL("SET idle_session_timeout = {}").format(left))


class PostgresSessionEnder(PostgresSessions):
    """A session that terminates others."""

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
        """Terminate those of a role (None: the pipeline's) with such a name, once or `every` so often."""
        holding = self._begin(owner, until)
        session = self._server.enter(owner)
        holding.connections.append(session)
        whose = role or self._server.pipeline.user
        complaint = f"{instance.name}: no session of {whose} like {application_name!r} came to be terminated"
        with telling():
            await_that(lambda: _end_others(session, whose, application_name), MATCH_SECONDS, complaint)
        if every:
            holding.run(partial(_go_on_ending, session, holding, whose, application_name, every.total_seconds()))
        else:
            self.end(instance, owner)


def _work_hard(session: Connection[Row], holding: Holding) -> None:
    while not holding.is_over():
        session.execute(_HARD_WORK)
    session.close()


def _go_on_ending(session: Connection[Row], holding: Holding, role: str, name: str, every: float) -> None:
    while not holding.is_over(every):
        _end_others(session, role, name)
    session.close()


def _end_others(session: Connection[Row], role: str, name: str) -> bool:
    """Terminate all that match, see them gone, and tell whether there were any."""
    pids = [pid for pid, _ in session.execute(_END_OTHERS, (role, name)).fetchall()]
    if pids:
        await_that(lambda: _value(session, _STILL_THERE, pids) == 0, END_SECONDS, f"sessions {pids} did not end")
    return bool(pids)


def _value(session: Connection[Row], query: str, *parameters: object) -> int:
    [(value,)] = session.execute(query, parameters).fetchall()
    return int(value)
