"""Read rows out of a PostgreSQL as JSON arrays, one by one, whatever they are: an oracle's statement, or a relation."""

import json
from collections.abc import Iterator, Mapping, Sequence

from psycopg import sql

from include.chaos.platforms.postgres import PostgresReader, identify
from include.errors import PlatformError

_FETCHED_AT_ONCE = 5_000

# Each statement is a contract's own, from its file; it may end with a comment.
_COMPUTED = sql.SQL("SELECT json_build_array({columns})::text FROM (\n{statement}\n) AS expected ({columns})")
_DESCRIBED = sql.SQL("SELECT * FROM (\n{statement}\n) AS expected LIMIT 0")
_LANDED = sql.SQL("SELECT json_build_array({columns})::text FROM {relation}")


class SourceRows(PostgresReader):
    """Rows through a cursor of the server's, while a snapshot is open; JSON keeps every digit that the server has."""

    def compute(self, statement: str, columns: int, parameters: Mapping[str, str]) -> Iterator[str]:
        """Give a statement's rows; raise `PlatformError` when it gives another number of columns than expected."""
        bare = sql.SQL(statement.strip().rstrip(";"))
        self._require_columns(bare, columns, parameters)
        names = sql.SQL(", ").join(sql.Identifier(f"column_{number}") for number in range(1, columns + 1))
        yield from self._stream(_COMPUTED.format(columns=names, statement=bare), parameters)

    def dump(self, relation: str, columns: Sequence[str]) -> Iterator[str]:
        """Give a relation's rows."""
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        yield from self._stream(_LANDED.format(columns=names, relation=identify(relation)), None)

    def read_state(self, statement: str, parameters: Mapping[str, str]) -> str:
        """Give all that a statement gives as one text, to be held against a later one."""
        return json.dumps(self.fetch_rows(statement, parameters), default=str)

    def _require_columns(self, statement: sql.SQL, columns: int, parameters: Mapping[str, str]) -> None:
        with self._working() as connection:
            described = connection.execute(_DESCRIBED.format(statement=statement), parameters)
            found = len(described.description or ())
        if found != columns:
            raise PlatformError(f"the statement gives {found} columns; the relation's key and values are {columns}")

    def _stream(self, query: sql.Composed, parameters: Mapping[str, str] | None) -> Iterator[str]:
        with self._working() as connection, connection.cursor("source_rows") as cursor:
            cursor.itersize = _FETCHED_AT_ONCE
            for (array,) in cursor.execute(query, parameters):
                yield array
