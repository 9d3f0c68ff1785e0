"""What the lab's supervisor, its warehouse and Airflow's audit log say of what came back, and by whose hand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import psutil

from include.chaos.events import LayerActed
from include.chaos.layers import Layer
from include.chaos.model import Component
from include.settings import SiteComponent

_START_ERROR = timedelta(seconds=1)
"""By how much a process may seem older than it is: its start counts from the boot, known in whole seconds only."""


class RowReader(Protocol):
    """A database that can be read."""

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        """Give all rows of a statement; raise `PlatformError` when it cannot be run."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class Supervisor(Protocol):
    """What keeps the components running."""

    def components(self) -> Sequence[SiteComponent]:
        """Give all of them."""
        ...

    def pid(self, component: SiteComponent) -> int | None:
        """Give the process that a component has now; raise `PlatformError` when that cannot be told."""
        ...


class AuditLog(Protocol):
    """Airflow's record of what people and programs asked of it."""

    def interventions(self, dag_id: str, since: datetime) -> Sequence[tuple[datetime, str]]:
        """Give when tasks or runs of a DAG were cleared or marked by hand, and what was done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorRecords:
    """The processes of the lab's components, by when they were started."""

    open_supervisor: Callable[[], Supervisor]

    name: str = "the supervisor"

    def read(self, since: datetime, until: datetime) -> Iterator[LayerActed]:
        """Give the components whose process was started in that time."""
        supervisor = self.open_supervisor()
        for component in supervisor.components():
            started = _started_at(supervisor.pid(component))
            if started and component.component != Component.AGENT and since - _START_ERROR <= started <= until:
                yield LayerActed(layer=Layer.SUPERVISOR_RESTART, at=max(started, since), what=component.name)


def _started_at(pid: int | None) -> datetime | None:
    """Tell when a process was started; None where there is none."""
    try:
        return datetime.fromtimestamp(psutil.Process(pid).create_time(), UTC) if pid else None
    except psutil.NoSuchProcess:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRecords:
    """A PostgreSQL, by when it was started."""

    open_reader: Callable[[], RowReader]

    name: str = "the warehouse"

    def read(self, since: datetime, until: datetime) -> Iterator[LayerActed]:
        """Tell whether it came up in that time: replaying its log is then part of the way."""
        with closing(self.open_reader()) as reader:
            rows = reader.fetch_rows("SELECT pg_postmaster_start_time()")
        started = rows[0][0] if rows else None
        if isinstance(started, datetime) and since <= started <= until:
            yield LayerActed(layer=Layer.DATABASE_RECOVERY, at=started, what="PostgreSQL came up")


@dataclass(frozen=True, slots=True, kw_only=True)
class AirflowRecords:
    """Airflow's audit log of one DAG."""

    audit_log: AuditLog
    dag_id: str

    name: str = "Airflow's audit log"

    def read(self, since: datetime, until: datetime) -> Iterator[LayerActed]:
        """Give what was done by hand in that time."""
        for at, what in self.audit_log.interventions(self.dag_id, since):
            if since <= at <= until:
                yield LayerActed(layer=Layer.PERSON, at=at, what=what)
