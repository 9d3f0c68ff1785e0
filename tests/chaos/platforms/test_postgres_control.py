"""What is held on a real PostgreSQL: by whom it is found, how it ends by itself, and whom it spares."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from os import environ

import psycopg
import pytest
from psycopg import errors
from pydantic import SecretStr

from include.chaos.faults.database import TableLock
from include.chaos.model import Component, TargetInstance
from include.chaos.platforms.postgres_crowd import PostgresConnections, PostgresCrowd, PostgresSessionEnder
from include.chaos.platforms.postgres_server import PostgresServer
from include.chaos.platforms.postgres_sessions import PostgresSessions
from include.chaos.platforms.postgres_settings import PostgresSettings
from include.chaos.platforms.postgres_transactions import PostgresTransactions
from include.errors import PlatformError
from include.settings import REPO_ROOT, WarehouseAdminSettings
from tests.scale.servers import PostgresServer as RealServer
from tests.scale.servers import postgres_server
from tests.waiting import await_

WAREHOUSE = TargetInstance(name="warehouse", component=Component.WAREHOUSE)
OWNER = "chaos-control 1"
READ_ONLY = "default_transaction_read_only"

AGENT = """
import sys, threading
from datetime import UTC, datetime, timedelta
from tests.chaos.platforms.test_postgres_control import OWNER, WAREHOUSE, begin_all
from include.chaos.platforms.postgres_server import PostgresServer
begun = begin_all(PostgresServer.from_environment(), datetime.now(UTC) + timedelta(minutes=5))
print("holding", flush=True)
threading.Event().wait()
"""


@pytest.fixture(scope="module")
def running() -> Iterator[RealServer]:
    with postgres_server() as server:
        with server.connect() as admin:
            admin.execute("CREATE ROLE pipeline LOGIN PASSWORD 'pipeline'")
            admin.execute("CREATE TABLE tried (id int PRIMARY KEY)")
            admin.execute("INSERT INTO tried VALUES (1)")
            admin.execute("GRANT ALL ON tried TO pipeline")
        yield server


@pytest.fixture
def server(running: RealServer) -> PostgresServer:
    postgres = running.settings("postgres")
    pipeline = postgres.model_copy(update={"user": "pipeline", "password": SecretStr("pipeline"), "port": 1})
    return PostgresServer(admin=WarehouseAdminSettings(**postgres.model_dump()), pipeline=pipeline)


def soon(seconds: float = 60) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def lock(server: PostgresServer, until: datetime, owner: str = OWNER) -> PostgresTransactions:
    control = PostgresTransactions(server)
    control.hold(WAREHOUSE, owner, relation="public.tried", lock=TableLock.EXCLUSIVE, until=until)
    return control


def lock_rows(server: PostgresServer, until: datetime, owner: str = OWNER) -> PostgresTransactions:
    control = PostgresTransactions(server)
    control.hold(WAREHOUSE, owner, relation="tried", lock=TableLock.ROWS, until=until)
    return control


def fill(server: PostgresServer, until: datetime, owner: str = OWNER) -> PostgresConnections:
    control = PostgresConnections(server)
    control.fill(WAREHOUSE, owner, until=until)
    return control


def gather(server: PostgresServer, until: datetime, owner: str = OWNER) -> PostgresCrowd:
    control = PostgresCrowd(server)
    control.gather(WAREHOUSE, owner, sessions=2, until=until)
    return control


def end_others(server: PostgresServer, until: datetime, owner: str = OWNER) -> PostgresSessionEnder:
    control = PostgresSessionEnder(server)
    with closing(server.enter_as_pipeline("victim")):
        every = timedelta(milliseconds=100)
        control.end_others(WAREHOUSE, owner, role=None, application_name="victim", every=every, until=until)
    return control


def begin_all(server: PostgresServer, until: datetime) -> list[PostgresSessions]:
    """Hold whatever can be held at the same time."""
    return [lock(server, until), gather(server, until), end_others(server, until), fill(server, until)]


def refused(server: PostgresServer, *statements: str) -> bool:
    try:
        with server.enter_as_pipeline(lock_timeout="300ms") as client:
            for statement in statements:
                client.execute(statement.encode())
    except (PlatformError, psycopg.Error):
        return True
    return False


def test_without_an_administrator_nothing_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variables, so that a site can be completed."""
    monkeypatch.delenv("CHAOS_WAREHOUSE_ADMIN_HOST", raising=False)
    with pytest.raises(PlatformError, match="CHAOS_WAREHOUSE_ADMIN_HOST"):
        PostgresServer.from_environment()


every_holder = pytest.mark.parametrize("begin", [lock, lock_rows, fill, gather, end_others])
Begin = Callable[[PostgresServer, datetime], PostgresSessions]


@every_holder
def test_who_never_saw_the_injection_can_undo_it(server: PostgresServer, begin: Begin) -> None:
    """The name is enough; the first holder finds nothing left to do."""
    first, second = begin(server, soon()), PostgresSessions(server)
    assert second.count(WAREHOUSE, OWNER) > 0
    second.end(WAREHOUSE, OWNER)
    assert second.count(WAREHOUSE, OWNER) == 0
    first.end(WAREHOUSE, OWNER)
    assert not refused(server, "UPDATE tried SET id = id")


@every_holder
def test_it_ends_by_itself_at_its_deadline(server: PostgresServer, begin: Begin) -> None:
    """Nobody ends it; it was put off, and then brought forward again."""
    control, eyes = begin(server, soon(60)), PostgresSessions(server)
    control.put_off(OWNER, soon(90))
    assert eyes.count(WAREHOUSE, OWNER) > 0
    control.put_off(OWNER, soon(0.2))
    await_(lambda: eyes.count(WAREHOUSE, OWNER) == 0, "the sessions to end")
    control.end(WAREHOUSE, OWNER)


def test_all_ends_with_a_killed_agent(server: PostgresServer) -> None:
    """A process that holds everything at once gets SIGKILL, and nothing of it is left on the server."""
    variables = server.admin.to_environment() | server.pipeline.to_environment() | {"PYTHONPATH": str(REPO_ROOT)}
    agent = subprocess.Popen([sys.executable, "-c", AGENT], env=environ | variables, stdout=subprocess.PIPE)
    try:
        assert agent.stdout is not None
        assert agent.stdout.readline() == b"holding\n"
        eyes = PostgresSessions(server)
        assert eyes.count(WAREHOUSE, OWNER) > 10
    finally:
        agent.kill()
        agent.wait()
    await_(lambda: eyes.count(WAREHOUSE, OWNER) == 0, "the sessions to end")
    assert not refused(server, "SELECT FROM tried")


def test_an_undo_ends_its_own_only(server: PostgresServer) -> None:
    """Two injections beside each other: the other one's lock stands."""
    first, second = gather(server, soon(), "chaos-control 1"), lock(server, soon(), "chaos-control 2")
    first.end(WAREHOUSE, "chaos-control 1")
    assert refused(server, "SELECT FROM tried")
    second.end(WAREHOUSE, "chaos-control 2")


def test_exhausted_connections_do_not_keep_the_undo_out(server: PostgresServer) -> None:
    """The pipeline is refused also where a slot becomes free, and the administrator enters."""
    with closing(server.enter_as_pipeline("early")) as early:
        control = fill(server, soon())
        assert control.is_full(WAREHOUSE)
        assert refused(server)
    assert early.closed
    await_(lambda: control.is_full(WAREHOUSE), "the freed slot to be taken")
    assert refused(server)
    PostgresSessions(server).end(WAREHOUSE, OWNER)
    assert not control.is_full(WAREHOUSE)
    assert not refused(server)


def test_a_lock_that_is_not_to_be_had_is_no_strike(server: PostgresServer) -> None:
    """What there is not cannot be locked, and the half-begun session is ended."""
    control = PostgresTransactions(server)
    with pytest.raises(PlatformError, match="does not exist"):
        control.hold(WAREHOUSE, OWNER, relation="nowhere", lock=TableLock.SHARE, until=soon())
    control.end(WAREHOUSE, OWNER)
    assert control.count(WAREHOUSE, OWNER) == 0


def test_locked_rows_are_read_and_not_written(server: PostgresServer) -> None:
    """Others may insert beside them."""
    control = lock_rows(server, soon())
    assert not refused(server, "SELECT FROM tried", "INSERT INTO tried VALUES (2)", "DELETE FROM tried WHERE id = 2")
    assert refused(server, "DELETE FROM tried WHERE id = 1")
    control.end(WAREHOUSE, OWNER)


def test_where_there_is_no_session_nothing_was_terminated(server: PostgresServer) -> None:
    """That is an error, and no strike."""
    control = PostgresSessionEnder(server)
    with pytest.raises(PlatformError, match="no session of pipeline like 'nobody'"):
        control.end_others(WAREHOUSE, OWNER, role=None, application_name="nobody", every=None, until=soon())
    control.end(WAREHOUSE, OWNER)


def test_sessions_of_other_names_and_roles_are_spared(server: PostgresServer) -> None:
    """Terminated are the pipeline's of that name; once, and the terminating session leaves."""
    control = PostgresSessionEnder(server)
    with (
        closing(server.enter("victim")) as admin,
        closing(server.enter_as_pipeline("other")) as other,
        closing(server.enter_as_pipeline("victim")) as victim,
    ):
        control.end_others(WAREHOUSE, OWNER, role=None, application_name="vict%", every=None, until=soon())
        admin.execute("SELECT 1")
        other.execute("SELECT 1")
        with pytest.raises(errors.AdminShutdown):
            victim.execute("SELECT 1")
    assert control.count(WAREHOUSE, OWNER) == 0


def test_a_read_only_server_refuses_sessions_that_are_open_too(server: PostgresServer) -> None:
    """An open session is refused its next transaction, one in a transaction is cut; all may write again afterwards."""
    control = PostgresSettings(server)
    former = control.configured(WAREHOUSE, READ_ONLY)
    with closing(server.enter_as_pipeline()) as idle, closing(server.enter_as_pipeline()) as writing:
        writing.execute("BEGIN")
        control.configure(WAREHOUSE, READ_ONLY, "on")
        control.cut_transactions(WAREHOUSE)
        with pytest.raises(errors.ReadOnlySqlTransaction):
            idle.execute("UPDATE tried SET id = id")
        with pytest.raises(errors.AdminShutdown):
            writing.execute("UPDATE tried SET id = id")
        PostgresSettings(server).restore(WAREHOUSE, READ_ONLY, former)
        idle.execute("UPDATE tried SET id = id")


def test_a_transaction_of_a_superuser_is_not_cut(server: PostgresServer) -> None:
    """Nor are locks that another injection holds."""
    with closing(server.enter()) as admin:
        admin.execute("BEGIN")
        PostgresSettings(server).cut_transactions(WAREHOUSE)
        admin.execute("SELECT 1")


def test_the_former_setting_is_put_back(server: PostgresServer) -> None:
    """What somebody had configured before is there again, and where nothing was, nothing is."""
    control = PostgresSettings(server)
    assert control.configured(WAREHOUSE, "work_mem") is None
    control.configure(WAREHOUSE, "work_mem", "5MB")
    former = control.configured(WAREHOUSE, "work_mem")
    assert former == "5MB"
    control.configure(WAREHOUSE, "work_mem", "6MB")
    assert control.seen_by_pipeline(WAREHOUSE, "work_mem") == "6MB"
    control.restore(WAREHOUSE, "work_mem", former)
    assert control.seen_by_pipeline(WAREHOUSE, "work_mem") == "5MB"
    control.restore(WAREHOUSE, "work_mem", None)
    assert control.configured(WAREHOUSE, "work_mem") is None
