"""Settings of a PostgreSQL that its administrator changes while it runs."""

from psycopg import Connection, sql

from include.chaos.model import TargetInstance
from include.chaos.platforms.postgres_server import AWAY_SECONDS, PostgresServer, Row, await_that, telling

RELOAD_SECONDS = 10.0

_CONFIGURED = """
SELECT setting FROM pg_file_settings
WHERE name = %s AND sourcefile = current_setting('data_directory') || '/postgresql.auto.conf'
ORDER BY seqno DESC LIMIT 1
"""
_CUT = """
SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_roles ON pg_roles.oid = usesysid
WHERE backend_type = 'client backend' AND xact_start IS NOT NULL AND NOT rolsuper
"""
_STILL_THERE = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)"


class PostgresSettings:
    """What ALTER SYSTEM does, which outlives a restart; open sessions go by it with their next statement."""

    def __init__(self, server: PostgresServer) -> None:
        """Change nothing yet."""
        self._server = server

    def configured(self, instance: TargetInstance, name: str) -> str | None:  # noqa: ARG002  # there is one server
        """Give what was set by such a change before; None where nothing was."""
        with self._server.asked() as admin:
            row = admin.execute(_CONFIGURED, (name,)).fetchone()
            return str(row[0]) if row else None

    def configure(self, instance: TargetInstance, name: str, value: str) -> None:
        """Set it, and return when new sessions go by it."""
        with self._server.asked() as admin:
            self._alter(admin, instance, name, value)

    def restore(self, instance: TargetInstance, name: str, former: str | None) -> None:
        """Put back what `configured` gave, however long the server is away; return when new sessions go by it."""
        with self._server.asked(patience=AWAY_SECONDS) as admin:
            self._alter(admin, instance, name, former)

    def seen_by_pipeline(self, instance: TargetInstance, name: str) -> str:  # noqa: ARG002  # there is one server
        """Give the value in a new session of the pipeline's role."""
        with telling(), self._server.enter_as_pipeline() as session:
            [(value,)] = session.execute("SELECT current_setting(%s)", (name,)).fetchall()
            return str(value)

    def cut_transactions(self, instance: TargetInstance) -> None:
        """End the sessions that have a transaction under way; those of superusers go on."""
        with self._server.asked() as admin:
            pids = [pid for pid, _ in admin.execute(_CUT).fetchall()]
            complaint = f"{instance.name}: transactions did not end"
            await_that(lambda: admin.execute(_STILL_THERE, (pids,)).fetchone() == (0,), RELOAD_SECONDS, complaint)

    def _alter(self, admin: Connection[Row], instance: TargetInstance, name: str, value: str | None) -> None:
        setting = sql.Identifier(name)
        if value is None:
            admin.execute(sql.SQL("ALTER SYSTEM RESET {}").format(setting))
        else:
            admin.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(setting, sql.Literal(value)))
        [(asked_at,)] = admin.execute("SELECT clock_timestamp()").fetchall()
        admin.execute("SELECT pg_reload_conf()")
        await_that(lambda: self._has_loaded(asked_at), RELOAD_SECONDS, f"{instance.name}: has not loaded {name}")

    def _has_loaded(self, since: object) -> bool:
        with self._server.asked() as admin:
            return admin.execute("SELECT pg_conf_load_time() >= %s", (since,)).fetchone() == (True,)
