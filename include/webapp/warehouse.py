"""The warehouse, asked within a bound: whatever it does, nobody waits longer than that for it."""

import time
from functools import cache
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import Connection, errors
from psycopg.abc import RV, PQGen
from psycopg_pool import ConnectionPool

from include.errors import ChaosControlError
from include.settings import REPO_ROOT, WarehouseSettings

Row = tuple[Any, ...]  # psycopg's own default: what a column holds is the statement's business

BOUND_SECONDS = 1.0
"""The longest that a request waits for the warehouse, connecting and trying again included."""

_CONNECT_SECONDS = 0.3
_STATEMENT_MILLISECONDS = 900
_CONNECTION_LIMITS = {
    "application_name": "webapp",
    "connect_timeout": 2,  # libpq's least; nobody waits for it, for connections are made in the background
    "tcp_user_timeout": 5_000,
    "autocommit": True,
    # Plans that fit the parameters: the most common instrument and the rarest differ ten-thousandfold.
    "options": f"-c statement_timeout={_STATEMENT_MILLISECONDS} -c default_transaction_read_only=on"
    " -c plan_cache_mode=force_custom_plan -c jit=off -c max_parallel_workers_per_gather=0",
}


class AwayError(ChaosControlError):
    """The warehouse cannot be reached, is lost, has fallen silent, or refuses what it always allowed."""


class GarbledError(AwayError):
    """What came is not what any warehouse holds: bits were lost on the way."""


class SlowError(ChaosControlError):
    """The warehouse is there, but takes too long for this."""


class UnpublishedError(ChaosControlError):
    """The warehouse has no tables yet: no pipeline has run."""


class _Bounded(Connection[Row]):
    """A connection that gives up: a server that is frozen would otherwise be waited for without end."""

    deadline = float("inf")

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for an answer until the deadline at most."""
        left = max(0.0, self.deadline - time.monotonic())
        return super().wait(gen, interval, left if timeout is None else min(timeout, left))


class Warehouse:
    """A pool of connections to the warehouse; safe to share between threads, not between processes."""

    def __init__(self, settings: WarehouseSettings, *, connections: int) -> None:
        """Open so many connections, in the background; nothing is waited for yet."""
        self._pool = ConnectionPool(
            connection_class=_Bounded,
            kwargs=settings.connect_arguments() | _CONNECTION_LIMITS,
            min_size=connections,  # one made under load comes late, which looks like a warehouse that is away
            max_size=connections,
            reconnect_timeout=0.0,  # who asks next tries again; pauses that double would outlast the outage
            open=True,
        )

    def __enter__(self) -> Self:
        """Be open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close all connections."""
        self._pool.close(timeout=1.0)

    def fetch(self, name: str, *, bound: float = BOUND_SECONDS, **parameters: object) -> list[Row]:
        """Run `include/sql/webapp/<name>.sql` and give all rows.

        A connection that turns out to be lost is replaced by another once, as after a restart of the server. Raises
        `AwayError`, `SlowError` and `UnpublishedError`, within `bound` seconds.
        """
        deadline = time.monotonic() + bound
        try:
            return self._fetch_once(name, deadline, parameters)
        except _LostError:
            self._pool.drain()  # what else lies in the pool was lost with it
        try:
            return self._fetch_once(name, deadline, parameters)
        except _LostError as error:
            raise AwayError(str(error)) from error

    def _fetch_once(self, name: str, deadline: float, parameters: dict[str, object]) -> list[Row]:
        connection = self._connect(deadline)
        try:
            connection.deadline = deadline
            return connection.execute(_statement(name), parameters).fetchall()
        except errors.QueryCanceled as error:
            raise SlowError(f"{name}: the warehouse takes longer than {_STATEMENT_MILLISECONDS} ms") from error
        except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
            raise UnpublishedError(str(error)) from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            connection.close()
            if time.monotonic() >= deadline:
                raise AwayError("it has fallen silent") from error
            raise _LostError(str(error)) from error
        except (psycopg.DataError, ValueError) as error:  # of values that cannot be read, and of text that is no UTF-8
            raise GarbledError(f"{name}: {error}") from error
        except psycopg.Error as error:
            raise AwayError(f"{name}: {error}") from error
        finally:
            connection.deadline = float("inf")
            self._pool.putconn(connection)

    def _connect(self, deadline: float) -> _Bounded:
        left = deadline - time.monotonic()
        try:
            return self._pool.getconn(timeout=min(_CONNECT_SECONDS, left))
        except psycopg.OperationalError as error:  # the pool's own kinds are of this one
            raise AwayError("no connection can be had") from error


class _LostError(ChaosControlError):
    """A connection was lost; another may do."""


@cache
def _statement(name: str) -> bytes:
    return (REPO_ROOT / "include" / "sql" / "webapp" / f"{name}.sql").read_bytes()
