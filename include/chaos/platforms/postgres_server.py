"""One PostgreSQL, entered by its administrator and by the pipeline's role, at its own address and bound in time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection

from include.errors import ConfigurationError, PlatformError
from include.settings import WarehouseAdminSettings, WarehouseSettings

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 10
AWAY_SECONDS = 60.0
"""How long an undo waits for a server that starts, or recovers from a crash."""

_POLL_SECONDS = 0.05

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """Where the server is, and who may enter it."""

    admin: WarehouseAdminSettings
    pipeline: WarehouseSettings

    @classmethod
    def from_environment(cls) -> "PostgresServer":
        """Read both from the environment; raise `PlatformError` where it names no administrator: the agent's does."""
        try:
            return cls(admin=WarehouseAdminSettings.from_environment(), pipeline=WarehouseSettings.from_environment())
        except ConfigurationError as error:
            raise PlatformError(f"the warehouse cannot be administered from here: {error}") from error

    def enter(self, name: str = "chaos-control", **settings: str) -> Connection[Row]:
        """Connect as the administrator, whom neither a full house nor a read-only one keeps out."""
        return _connect(self.admin, name, {"default_transaction_read_only": "off"} | settings)

    def enter_as_pipeline(self, name: str = "chaos-control", **settings: str) -> Connection[Row]:
        """Connect as the pipeline's role, past whatever stands between the pipeline and the server."""
        address = {"host": self.admin.host, "port": self.admin.port, "dbname": self.admin.dbname}
        return _connect(self.pipeline.model_copy(update=address), name, settings)

    @contextmanager
    def asked(self, *, patience: float = 0.0) -> Iterator[Connection[Row]]:
        """Give the administrator's connection for some questions; with patience, to a server that may be away."""
        deadline = time.monotonic() + patience
        while True:
            try:
                connection = self.enter()
                break
            except PlatformError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_POLL_SECONDS)
        with telling(), connection:
            yield connection


@contextmanager
def telling() -> Iterator[None]:
    """Turn what the server says into a `PlatformError` of one line."""
    try:
        yield
    except psycopg.Error as error:
        raise PlatformError(" ".join(str(error).split()) or type(error).__name__) from error


def await_that(condition: Callable[[], bool], seconds: float, complaint: str) -> None:
    """Return when the condition holds; raise `PlatformError` when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise PlatformError(complaint)
        time.sleep(_POLL_SECONDS)


def _connect(
    settings: WarehouseAdminSettings | WarehouseSettings, name: str, options: dict[str, str]
) -> Connection[Row]:
    given = {"statement_timeout": f"{STATEMENT_SECONDS}s"} | options
    with telling():
        return psycopg.connect(
            **settings.connect_arguments(),  # type: ignore[arg-type]  # str | int is what libpq takes
            application_name=name,
            connect_timeout=CONNECT_SECONDS,
            options=" ".join(f"-c {setting}={value}" for setting, value in given.items()),
            keepalives_idle=5,
            keepalives_interval=3,
            keepalives_count=3,
            tcp_user_timeout=15_000,
            autocommit=True,
        )
