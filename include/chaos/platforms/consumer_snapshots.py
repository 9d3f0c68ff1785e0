"""Read a PostgreSQL as consumers do, in snapshots that are cheap to take and can be read later.

A snapshot is one committed state. To take one costs about a millisecond, however large the relations are; its
connection holds it, and what was visible in it can be read for as long as it is held. Relations are locked first as any
reader locks them, so that nobody truncates or replaces what the snapshot shows.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from psycopg import Cursor, sql
from psycopg.errors import QueryCanceled

from include.chaos.consumer_events import PublicationStamp
from include.chaos.pipeline import Pipeline, Relation
from include.chaos.platforms.postgres import PostgresReader, identify
from include.errors import PlatformError
from include.settings import WarehouseSettings

LONGEST_READ_SECONDS = 2
"""A statement that takes longer is given up, whole seconds."""

_AWAIT_NEWS = """
    DO $chaos_reader$
    DECLARE
        patience_ends CONSTANT timestamptz := clock_timestamp() + interval '1 second';
        before text := current_setting('chaos.state', true);
        state text;
        shown text;
    BEGIN
        PERFORM set_config('chaos.news', 'no', false);
        LOOP
            state := pg_current_snapshot()::text;
            IF state IS DISTINCT FROM before THEN
                shown := (SELECT coalesce(string_agg(stamp::text, ' '), '') FROM ({publication}) AS stamp);
                IF {any_commit} OR shown IS DISTINCT FROM current_setting('chaos.shown', true) THEN
                    PERFORM set_config('chaos.state', state, false), set_config('chaos.shown', shown, false),
                        set_config('chaos.news', 'yes', false);
                    RETURN;
                END IF;
                before := state;
            END IF;
            EXIT WHEN clock_timestamp() > patience_ends;
            PERFORM pg_sleep(0.02);
        END LOOP;
    END
    $chaos_reader$;
    SELECT current_setting('chaos.news') = 'yes'
"""
"""The database looks itself what it has committed: while that is nothing new, there are no round trips to pay for."""

_TAKE = sql.SQL("""
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL lock_timeout = '1s';
    SET LOCAL idle_in_transaction_session_timeout = '20s';
    SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL jit = off;
    LOCK TABLE {relations} IN ACCESS SHARE MODE;
    SELECT 'taken';
""")
"""The first SELECT is what takes it."""

_IS_EMPTY = sql.SQL("SELECT {name}, NOT EXISTS (SELECT FROM {relation})")

_READ = sql.SQL("""
    SELECT {name}, count(*), coalesce(sum(hash_record_extended(ROW({columns}), 0)), 0)::text FROM {relation}
""")
"""A sum sees a row that is there twice. The hash is PostgreSQL's own: quick, and no defence against a deceiver."""

_UNION = sql.SQL(" UNION ALL ")
_UNLESS_LATE = sql.SQL("SAVEPOINT unread; {}; RELEASE unread")

Contents = tuple[int, str]
"""How many rows a relation has, and their digest, whatever their order."""


class _NewsWatch(PostgresReader):
    """A session that waits; what it has seen is kept in its settings, so that a new one begins anew."""

    def await_news(self, statement: bytes) -> bool:
        with self._working() as connection:
            [[(is_news,)]] = _results(connection.execute(statement))
        return bool(is_news)


class ConsumerSnapshot(PostgresReader):
    """A connection that holds one snapshot at a time, with the stamp that consumers see in it."""

    publication: PublicationStamp | None = None
    give_back: Callable[["ConsumerSnapshot"], None]

    def take(self, statements: bytes) -> None:
        """Take a snapshot."""
        with self._working() as connection:
            [_, *stamps] = _results(connection.execute(statements))
        self.publication = _stamp(stamps[0]) if stamps else None

    def read(self, relations: Sequence[Relation]) -> dict[str, Contents] | None:
        """Read relations whole; None when together they take too long."""
        found = self._fetch_unless_late(_UNION.join(map(_read, relations)))
        return None if found is None else {str(name): (int(rows), str(digest)) for name, rows, digest in found}

    def find_empty(self, relations: Sequence[Relation]) -> dict[str, bool] | None:
        """Tell which relations have no row at all: quick for most, however large; None when it takes too long."""
        found = self._fetch_unless_late(_UNION.join(map(_is_empty, relations)))
        return None if found is None else {str(name): bool(is_empty) for name, is_empty in found}

    def release(self) -> None:
        """Let the snapshot go; a connection that is gone has done so."""
        with suppress(PlatformError):
            self._execute("ROLLBACK")
        self.give_back(self)

    def _fetch_unless_late(self, query: sql.Composed) -> list[tuple[Any, ...]] | None:
        with self._working() as connection:
            try:
                [found] = _results(connection.execute(_UNLESS_LATE.format(query)))
            except QueryCanceled:
                connection.execute("ROLLBACK TO unread")
                return None
        return found


class ConsumerSnapshots:
    """Take snapshots, any number at a time, of what a pipeline's consumers read. Safe to share between threads."""

    def __init__(
        self, settings: WarehouseSettings, pipeline: Pipeline, *, longest_read_seconds: int = LONGEST_READ_SECONDS
    ) -> None:
        """Read the contract's statement; the first call connects."""
        self._longest_read_seconds = longest_read_seconds
        self._settings = settings
        self._watch = _NewsWatch(settings, application_name="chaos agent: reader waits")
        self._idle: list[ConsumerSnapshot] = []
        self._lock = threading.Lock()
        publication = pipeline.publication.read().rstrip().rstrip(";") if pipeline.publication else ""
        names = sql.SQL(", ").join(identify(relation.name) for relation in pipeline.accounted)
        self._taking = _TAKE.format(relations=names).as_bytes() + publication.encode()
        self._awaiting = {any_commit: _await_news(publication, any_commit) for any_commit in (True, False)}

    def await_news(self, *, any_commit: bool) -> bool:
        """Wait for another stamp, or for any commit since the last that was told of; False when none came for long."""
        return self._watch.await_news(self._awaiting[any_commit])

    def take(self) -> ConsumerSnapshot:
        """Take a snapshot; raise `PlatformError` when nobody could read now."""
        with self._lock:
            snapshot = self._idle.pop() if self._idle else self._connect()
        try:
            snapshot.take(self._taking)
        except PlatformError:
            self._keep(snapshot)
            raise
        return snapshot

    def close(self) -> None:
        """Give back the connections of which no snapshot is held."""
        self._watch.close()
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _connect(self) -> ConsumerSnapshot:
        snapshot = ConsumerSnapshot(
            self._settings, application_name="chaos agent: reader", statement_seconds=self._longest_read_seconds
        )
        snapshot.give_back = self._keep
        return snapshot

    def _keep(self, snapshot: ConsumerSnapshot) -> None:
        with self._lock:
            self._idle.append(snapshot)


def _await_news(publication: str, any_commit: bool) -> bytes:  # noqa: FBT001  # a value of the statement
    """Write down the statement that waits; a contract's own query stands in it as it is."""
    return _AWAIT_NEWS.format(publication=(publication or "SELECT") + "\n", any_commit=any_commit).encode()


def _read(relation: Relation) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, relation.columns()))
    name = sql.Literal(relation.name)
    return _READ.format(name=name, columns=columns, relation=identify(relation.name))


def _is_empty(relation: Relation) -> sql.Composed:
    return _IS_EMPTY.format(name=sql.Literal(relation.name), relation=identify(relation.name))


def _results(cursor: Cursor[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Give the rows of every statement that gives some, though it be none."""
    more: bool | None = True
    while more:
        if cursor.description:
            yield cursor.fetchall()
        more = cursor.nextset()


def _stamp(rows: Sequence[Sequence[object]]) -> PublicationStamp | None:
    """Read what a contract's `publication` gives: the run first, the time last."""
    if not rows:
        return None
    at = rows[0][-1]
    with_zone = at if isinstance(at, datetime) and at.tzinfo else None
    return PublicationStamp(dag_run_id=str(rows[0][0]), published_at=with_zone)
