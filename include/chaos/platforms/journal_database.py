"""The journal's mirror in PostgreSQL."""

import psycopg

from include.chaos.journal import JournalEntry
from include.errors import PlatformError
from include.settings import REPO_ROOT, JournalDatabaseSettings

_SQL = REPO_ROOT / "include" / "sql" / "journal"


class PostgresJournalDatabase:
    """Insert entries into `journal_entry`; a connection a batch, for batches are rare."""

    def __init__(self, settings: JournalDatabaseSettings) -> None:
        """Remember where to connect; the table is made when first needed."""
        self._settings = settings
        self._has_table = False

    def last_mirrored(self, experiment_run_id: str) -> int:
        """Give the number of the last entry that is there, 0 for none."""
        with self._connect() as connection:
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
        try:
            with self._connect() as connection, connection.cursor() as cursor:
                cursor.executemany(_read("insert_entry"), rows)
        except psycopg.Error as error:
            raise PlatformError(f"the journal database does not take entries: {error}") from error

    def _connect(self) -> "psycopg.Connection[tuple[int, ...]]":
        try:
            connection = psycopg.connect(
                **self._settings.connect_arguments(),  # type: ignore[arg-type]  # str | int is what libpq takes
                application_name="chaos agent: mirror",
                connect_timeout=2,
            )
            if not self._has_table:
                connection.execute(_read("schema"))
                self._has_table = True
        except psycopg.Error as error:
            raise PlatformError(f"the journal database does not answer: {error}") from error
        return connection


def _read(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf8")
