"""The scenes of faults of a PostgreSQL: a client of the pipeline's role sees them, on the lab's warehouse."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from include.chaos.faults.base import FaultKind
from include.chaos.faults.crash import Crash
from include.chaos.faults.exhaust_connections import ExhaustConnections
from include.chaos.faults.idle_in_transaction import IdleInTransaction
from include.chaos.faults.lock_table import LockTable
from include.chaos.faults.read_only import ReadOnly
from include.chaos.faults.slow_queries import SlowQueries
from include.chaos.faults.terminate_sessions import TerminateSessions
from include.chaos.model import Component
from tests.chaos.faults.process_cases import STOP_SECONDS, answers, end_process, on_warehouse
from tests.chaos.faults.scene import Scene, SmallLab
from tests.waiting import await_

TABLE = "public.tried"
WRITES = "INSERT INTO public.tried VALUES (1) ON CONFLICT DO NOTHING"
LEFT_OVER = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'chaos-control ____%'"
NEIGHBOURS = 4


def try_as_pipeline(lab: SmallLab, *statements: str, name: str = "tests") -> bool:
    """Tell whether a new client of the pipeline's role gets its statements through, each within half a second."""
    arguments = lab.lab.plan().warehouse().connect_arguments()
    try:
        with psycopg.connect(**arguments, connect_timeout=5, application_name=name) as client:  # type: ignore[arg-type]  # str | int is what libpq takes
            client.execute("SET lock_timeout = '500ms'")
            for statement in statements:
                client.execute(statement.encode())
    except psycopg.Error:
        return False
    return True


def ask_as_admin(lab: SmallLab, query: str) -> object:
    """Give the one value of a query, through a slot that is reserved for superusers."""
    arguments = lab.lab.plan().warehouse_admin().connect_arguments()
    with psycopg.connect(**arguments, connect_timeout=5) as admin:  # type: ignore[arg-type]  # str | int is what libpq takes
        [(value,)] = admin.execute(query.encode()).fetchall()
        return value


@contextmanager
def on_database(fault: FaultKind[Any], lab: SmallLab, is_well: Callable[[], bool]) -> Iterator[Scene]:
    """Strike the warehouse, well being what its clients see without the fault."""
    await_(lambda: answers(lab), "the warehouse to answer")
    assert try_as_pipeline(lab, f"CREATE TABLE IF NOT EXISTS {TABLE} (id int PRIMARY KEY)")
    assert try_as_pipeline(lab, WRITES)
    supervisor = lab.lab.plan().supervisor()
    instance = lab.only(Component.WAREHOUSE)
    with pytest.MonkeyPatch.context() as environment:
        plan = lab.lab.plan()
        for name, value in (plan.environment() | plan.warehouse_admin().to_environment()).items():
            environment.setenv(name, value)
        yield Scene(
            fault=fault,
            instance=instance,
            ability=lab.platform.ability(fault.ability()),
            is_struck=lambda: not is_well(),
            is_whole=lambda: answers(lab) and is_well() and ask_as_admin(lab, LEFT_OVER) == 0,
            remove=lambda: supervisor.stop(["warehouse"], within=STOP_SECONDS),
            restore=lambda: supervisor.start("warehouse"),
            replace=lambda: end_process(instance),
        )


@contextmanager
def crash(lab: SmallLab) -> Iterator[Scene]:
    """The server shuts down at once."""
    with on_warehouse(Crash(), lab) as scene:
        yield scene


@contextmanager
def exhaust_connections(lab: SmallLab) -> Iterator[Scene]:
    """A client cannot connect."""
    with on_database(ExhaustConnections(), lab, lambda: try_as_pipeline(lab)) as scene:
        yield scene


@contextmanager
def idle_in_transaction(lab: SmallLab) -> Iterator[Scene]:
    """A client cannot write the relation."""
    with on_database(IdleInTransaction(relation=TABLE), lab, lambda: try_as_pipeline(lab, WRITES)) as scene:
        yield scene


@contextmanager
def lock_table(lab: SmallLab) -> Iterator[Scene]:
    """A client cannot read the relation."""
    reads = f"SELECT FROM {TABLE}"
    with on_database(LockTable(relation=TABLE), lab, lambda: try_as_pipeline(lab, reads)) as scene:
        yield scene


@contextmanager
def read_only(lab: SmallLab) -> Iterator[Scene]:
    """A client cannot write at all."""
    with on_database(ReadOnly(), lab, lambda: try_as_pipeline(lab, "CREATE TEMP TABLE written ()")) as scene:
        yield scene


@contextmanager
def slow_queries(lab: SmallLab) -> Iterator[Scene]:
    """The server's neighbours are at work."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM (SELECT md5%'"
    fault = SlowQueries(neighbours=NEIGHBOURS)
    with on_database(fault, lab, lambda: ask_as_admin(lab, busy) == 0) as scene:
        yield scene


@contextmanager
def terminate_sessions(lab: SmallLab) -> Iterator[Scene]:
    """A client is thrown out in the middle of a query; another one waits for that from the beginning."""
    fault = TerminateSessions(every=timedelta(milliseconds=100), application_name="victim%")
    arguments = lab.lab.plan().warehouse().connect_arguments()
    stays = "SELECT pg_sleep(0.3)"
    with on_database(fault, lab, lambda: try_as_pipeline(lab, stays, name="victim 1")) as scene:
        victim = psycopg.connect(**arguments, application_name="victim 2")  # type: ignore[arg-type]  # str | int is what libpq takes
        yield scene
        victim.close()
