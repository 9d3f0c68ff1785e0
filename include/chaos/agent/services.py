"""What the agent needs of the world, as narrow Protocols; `__main__` wires the real ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from include.chaos.agent.injector import Platform
from include.chaos.agent.reader import SnapshotSource
from include.chaos.agent.records import RecordReader, no_records
from include.chaos.agent.strike_eyes import FailpointOrders
from include.chaos.agent.watcher import RunReader
from include.chaos.agent.work import OpenWorkRecord, no_work_record
from include.chaos.agent.writers import WriterRecords, no_writer_records
from include.chaos.journal import Clock
from include.chaos.pipeline import Pipeline
from include.chaos.platforms.airflow import DagRunState, Parameters
from include.chaos.platforms.local_site import open_local_site
from include.chaos.probes.rows_landed import RowCounter
from include.chaos.probes.sql import ValueReader
from include.chaos.site_readers import SiteReaders


class WarehouseReader(ValueReader, RowCounter, Protocol):
    """What probes and strike points read of the warehouse."""

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        """Give all rows of a statement; raise `PlatformError` when it cannot be run."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class AirflowReader(RunReader, Protocol):
    """What the agent asks of Airflow."""

    def trigger(self, dag_id: str, dag_run_id: str, conf: Parameters) -> None:
        """Start a DAG run; one of that id that is there already is taken for it."""
        ...

    def active_runs(self, dag_id: str) -> Sequence[DagRunState]:
        """List a DAG's runs that have not ended."""
        ...

    def successful_runs(self, dag_id: str) -> Sequence[DagRunState]:
        """List a DAG's latest successful runs, newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The world as the agent sees it; what is opened is one probe's or one thread's own.

    `open_warehouse` takes the name by which a landing contract calls it, and what for. Without `failpoints` no pipeline
    of the site can be stopped at one, and without `open_consumer` nobody reads as a pipeline's consumers do.
    `open_records` gives what the layers around a DAG have written down, `open_writer_records` and `open_work_record`
    what is known of who wrote and worked since a time.
    """

    platform: Platform
    airflow: AirflowReader
    open_warehouse: Callable[[str, str], WarehouseReader]
    clock: Clock
    failpoints: FailpointOrders | None = None
    open_records: Callable[[str], Sequence[RecordReader]] = no_records
    open_site: Callable[[], SiteReaders] = open_local_site
    open_writer_records: Callable[[datetime], Sequence[WriterRecords]] = no_writer_records
    open_work_record: OpenWorkRecord = no_work_record
    open_consumer: Callable[[Pipeline], SnapshotSource] | None = None
