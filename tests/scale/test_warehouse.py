"""Which errors of PostgreSQL pass, and how long they are waited for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from psycopg import Cursor, OperationalError, errors

from include.scale.warehouse import Row, Warehouse, is_passing
from tests.scale.servers import PostgresServer

CUTS = 7
"""More than the attempts that a transaction has in any case."""


@contextmanager
def read_only(postgres: PostgresServer) -> Iterator[None]:
    """Let the whole server refuse to write."""
    with postgres.connect() as admin:
        admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        admin.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
            admin.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize(
    "error",
    [
        errors.ReadOnlySqlTransaction(),
        errors.IdleInTransactionSessionTimeout(),
        errors.TooManyConnections(),
        errors.AdminShutdown(),
        errors.CrashShutdown(),
        errors.CannotConnectNow(),
        errors.LockNotAvailable(),
        errors.DeadlockDetected(),
        errors.DiskFull(),
        OperationalError("FATAL: remaining connection slots are reserved for roles with the SUPERUSER attribute"),
    ],
    ids=repr,
)
def test_what_another_try_may_not_meet_passes(error: Exception) -> None:
    """The server was away, full, locked, read-only, or cut us off."""
    assert is_passing(error)


@pytest.mark.parametrize(
    "error",
    [errors.QueryCanceled(), errors.InvalidPassword(), errors.UniqueViolation(), errors.UndefinedTable()],
    ids=repr,
)
def test_what_another_try_meets_again_does_not_pass(error: Exception) -> None:
    """A limit that somebody set, a wrong login, a wrong statement."""
    assert not is_passing(error)


def test_a_server_that_refuses_to_write_is_waited_for(warehouse: Warehouse, postgres: PostgresServer) -> None:
    """The transaction is run again until it may write, and has written once."""
    refused = Event()

    def work(cursor: Cursor[Row]) -> None:
        try:
            cursor.execute("INSERT INTO scale.title VALUES ('md5', 'path')")
        except errors.ReadOnlySqlTransaction:
            refused.set()
            raise

    with ThreadPoolExecutor(1) as pool:
        with read_only(postgres):
            written = pool.submit(warehouse.transact, work)
            assert refused.wait(20)
        written.result(timeout=20)
    with postgres.connect(warehouse.settings.dbname) as reader:
        assert reader.execute("SELECT count(*) FROM scale.title").fetchone() == (1,)


def test_sessions_that_are_terminated_again_and_again_are_not_given_up(
    warehouse: Warehouse, postgres: PostgresServer
) -> None:
    """Within its patience, a transaction is run again however often it is cut."""
    cuts: list[int] = []

    def work(cursor: Cursor[Row]) -> int:
        if len(cuts) < CUTS:
            cuts.append(cursor.connection.info.backend_pid)
            with postgres.connect() as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", (cuts[-1],))
        row = cursor.execute("SELECT 1").fetchone()
        return 0 if row is None else int(row[0])

    assert warehouse.transact(work) == 1
    assert len(set(cuts)) == CUTS


def test_without_patience_nothing_is_tried_again(warehouse: Warehouse, postgres: PostgresServer) -> None:
    """The first refusal is the last."""
    tries: list[None] = []

    def work(cursor: Cursor[Row]) -> None:
        tries.append(None)
        raise errors.ReadOnlySqlTransaction

    with pytest.raises(errors.ReadOnlySqlTransaction):
        replace(warehouse, patience=timedelta(0)).transact(work)
    assert len(tries) == 1
