"""Read a PostgreSQL as a consumer would: one connection, bound in time, opened anew whenever it broke."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from include.errors import PlatformError
from include.settings import WarehouseSettings

CONNECT_SECONDS = 2
STATEMENT_SECONDS = 10

Cell = str | int | float | bool | None


class PostgresReader:
    """Run reading statements; every failure is a `PlatformError`. One thread at a time uses the connection."""

    def __init__(
        self, settings: WarehouseSettings, *, application_name: str, statement_seconds: int = STATEMENT_SECONDS
    ) -> None:
        """Remember where to connect, and for how long a statement may run; the first statement connects."""
        self._settings = settings
        self._statement_seconds = statement_seconds
        self._application_name = application_name
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._lock = threading.Lock()

    def fetch_value(self, query: str) -> Cell:
        """Give the first column of the first row, or None when there is no row."""
        rows = self.fetch_rows(query)
        return rows[0][0] if rows else None

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> list[tuple[Cell, ...]]:
        """Give all rows of a statement with bound parameters."""
        return self._fetch(sql.SQL(query), parameters)

    def count_rows(self, relation: str) -> int:
        """Count the rows of a relation."""
        rows = self._fetch(sql.SQL("SELECT count(*) FROM {}").format(identify(relation)))
        return int(rows[0][0] or 0)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all statements within see one and the same committed state, on a connection that is new."""
        self.close()
        self._execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            self._execute("ROLLBACK")

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()

    def _fetch(
        self, query: sql.SQL | sql.Composed, parameters: Mapping[str, str] | None = None
    ) -> list[tuple[Cell, ...]]:
        with self._working() as connection:
            return list(connection.execute(query, parameters).fetchall())

    def _execute(self, statement: str) -> None:
        with self._working() as connection:
            connection.execute(sql.SQL(statement))

    @contextmanager
    def _working(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Give the connection to one thread; what goes wrong with it is a `PlatformError`, and the next one is new."""
        with self._lock:
            try:
                yield self._connect()
            except psycopg.Error as error:
                self._drop()
                raise PlatformError(_one_line(error)) from error

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                **self._settings.connect_arguments(),  # type: ignore[arg-type]  # str | int is what libpq takes
                application_name=self._application_name,
                client_encoding="utf8",
                connect_timeout=CONNECT_SECONDS,
                # A probe is written by hand, and must not be able to write; a network that swallows packets is noticed.
                options=f"-c statement_timeout={self._statement_seconds * 1000} -c default_transaction_read_only=on",
                keepalives_idle=2,
                keepalives_interval=1,
                keepalives_count=3,
                tcp_user_timeout=5000,
                autocommit=True,
            )
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def identify(relation: str) -> sql.Identifier:
    """Quote a relation's name as landing contracts have it: `name`, or `schema.name`."""
    return sql.Identifier(*relation.split("."))


def _one_line(error: psycopg.Error) -> str:
    return " ".join(str(error).split()) or type(error).__name__
