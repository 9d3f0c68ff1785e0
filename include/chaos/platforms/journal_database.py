"""The journal's mirror in PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from include.chaos.journal import JournalEntry
from include.errors import PlatformError
from include.settings import REPO_ROOT, JournalDatabaseSettings

_SQL = REPO_ROOT / "include" / "sql" / "journal"


class PostgresJournalDatabase:
    """Insert entries into `journal_entry`, over one connection that is opened anew whenever it broke.

    To connect costs both sides several times what a batch does. One thread at a time may use it.
    """

    def __init__(self, settings: JournalDatabaseSettings) -> None:
        """Remember where to connect; the first statement connects, and makes the table if there is none."""
        self._settings = settings
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def last_mirrored(self, experiment_run_id: str) -> int:
        """Give the number of the last entry that is there, 0 for none."""
        with self._transaction() as connection:
            row = connection.execute(_read("last_mirrored"), {"experiment_run_id": experiment_run_id}).fetchone()
        return int(row[0]) if row else 0

    def insert(self, experiment_run_id: str, entries: tuple[JournalEntry, ...]) -> None:
        """Add entries in one transaction; those that are there already are left."""
        rows = [
            {
                "experiment_run_id": experiment_run_id,
                "seq": entry.seq,
                "at": entry.at,
                "event": entry.body.event,
                "entry": entry.model_dump_json(),
            }
            for entry in entries
        ]
        with self._transaction() as connection, connection.cursor() as cursor:
            cursor.executemany(_read("insert_entry"), rows)

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        try:
            connection = self._connection or self._connect()
            with connection.transaction():
                yield connection
        except psycopg.Error as error:
            self._drop()
            raise PlatformError(f"the journal database does not answer, or not as it should: {error}") from error

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        self._connection = psycopg.connect(
            **self._settings.connect_arguments(),  # type: ignore[arg-type]  # str | int is what libpq takes
            application_name="chaos agent: mirror",
            connect_timeout=2,
            keepalives_idle=2,
            keepalives_interval=1,
            keepalives_count=3,
            tcp_user_timeout=5000,
            autocommit=True,
        )
        self._connection.execute(_read("schema"))
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _read(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf8")
