"""Transactions on the warehouse that outlive its crashes."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import psycopg
from psycopg import Connection, Cursor, errors
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    stop_all,
    wait_random_exponential,
)

from include.errors import LandingError
from include.scale.statements import SQL, statement
from include.settings import ScaleSettings, WarehouseSettings

Row = tuple[Any, ...]  # psycopg's own default: what a column holds is the statement's business
T = TypeVar("T")

_log = logging.getLogger(__name__)

# A network that swallows packets is noticed in about 15 s on either side, and a frozen client's locks are dropped.
_CONNECTION_LIMITS = {
    "application_name": "scale",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "options": "-c idle_in_transaction_session_timeout=30s -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3",
}
_TRANSACTION_ATTEMPTS = 5
_LASTING = (errors.InvalidPassword, errors.InvalidAuthorizationSpecification, errors.QueryCanceled)
_PASSING = (
    errors.ReadOnlySqlTransaction,  # a full disk, or a failover: the next connection may lead to another server
    errors.IdleInTransactionSessionTimeout,  # we were frozen, and our transaction was rolled back meanwhile
)
_LASTING_WORDS = ("password authentication failed", "does not exist", "no pg_hba.conf entry")


def is_passing(error: BaseException) -> bool:
    """Tell whether trying again may help: the server is away, starting, stopping, full, or cut the connection."""
    if isinstance(error, _PASSING):
        return True
    if isinstance(error, _LASTING) or not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return not any(words in str(error) for words in _LASTING_WORDS)  # failed connects carry no SQLSTATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """The PostgreSQL in which Scale lands. Can be pickled: it holds no connection.

    `patience` is how long a server that is away is waited for. With none, each transaction has a single attempt.
    """

    settings: WarehouseSettings
    patience: timedelta

    def transact(self, work: Callable[[Cursor[Row]], T]) -> T:
        """Run `work` in one transaction, from its beginning again when the server goes away in the middle.

        `work` must be idempotent: a commit whose acknowledgement was lost is run again. Raises `LandingError` when
        the server stays away longer than `patience`, and what it says when it has cut or refused transactions for
        that long, and a few at least.
        """
        attempts = _TRANSACTION_ATTEMPTS if self.patience else 1
        retrying = Retrying(
            retry=retry_if_exception(is_passing),
            stop=stop_all(stop_after_attempt(attempts), stop_after_delay(self.patience.total_seconds())),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            before_sleep=_tell,
            reraise=True,
        )
        result: T = retrying(self._transact_once, work)
        return result

    def fetch(self, name: str, **parameters: object) -> list[Row]:
        """Run the statement of that name in a transaction of its own and give all rows."""
        return self.transact(lambda cursor: cursor.execute(statement(name), parameters).fetchall())

    def _transact_once(self, work: Callable[[Cursor[Row]], T]) -> T:
        with self._connect() as connection, connection.cursor() as cursor:
            return work(cursor)

    def _connect(self) -> Connection[Row]:
        retrying = Retrying(
            retry=retry_if_exception(is_passing),
            stop=stop_after_delay(self.patience.total_seconds()),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            reraise=True,
        )
        try:
            return retrying(psycopg.connect, **self.settings.connect_arguments(), **_CONNECTION_LIMITS)
        except psycopg.OperationalError as error:
            raise LandingError(
                f"the warehouse {self.settings.host}:{self.settings.port} could not be reached "
                f"within {self.patience.total_seconds():.0f} s: {error}"
            ) from error


def warehouse_from_environment() -> Warehouse:
    """Give the warehouse that the environment describes."""
    return Warehouse(settings=WarehouseSettings.from_environment(), patience=ScaleSettings.from_environment().patience)


def migrate(warehouse: Warehouse) -> list[str]:
    """Apply the schema files not applied yet, in order, and give their names. Safe at any time, and twice at once."""

    def work(cursor: Cursor[Row]) -> list[str]:
        cursor.execute(statement("migration_lock"))
        cursor.execute(statement("migration_ledger"))
        return [path.name for path in sorted((SQL / "schema").glob("*.sql")) if _apply(cursor, path.name)]

    return warehouse.transact(work)


def _apply(cursor: Cursor[Row], name: str) -> bool:
    if not cursor.execute(statement("migration_record"), {"name": name}).fetchone():
        return False
    cursor.execute((SQL / "schema" / name).read_bytes())
    return True


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    _log.warning("the warehouse cut or refused a transaction (%s); attempt %d", error, state.attempt_number + 1)
