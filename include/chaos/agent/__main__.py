"""Start the agent: `python -m include.chaos.agent`, configured by the environment (see `include.settings`)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from include.chaos.agent.guardrails import SiteGuardrails
from include.chaos.agent.mirror import Mirror
from include.chaos.agent.records import RecordReader
from include.chaos.agent.registry import Registry
from include.chaos.agent.server import build_app
from include.chaos.agent.services import Services
from include.chaos.journal import SystemClock
from include.chaos.platforms.airflow import AirflowClient
from include.chaos.platforms.consumer_snapshots import ConsumerSnapshots
from include.chaos.platforms.failpoint_board import FailpointBoard
from include.chaos.platforms.journal_database import PostgresJournalDatabase
from include.chaos.platforms.local import LocalPlatform
from include.chaos.platforms.local_records import AirflowRecords, DatabaseRecords, SupervisorRecords
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.chaos.platforms.postgres import PostgresReader
from include.chaos.platforms.spark_records import SparkRecords
from include.chaos.platforms.spark_tasks import SparkTasks
from include.settings import (
    AgentHomeSettings,
    AgentSettings,
    AirflowSettings,
    FailpointSettings,
    GuardrailSettings,
    JournalDatabaseSettings,
    LocalSiteSettings,
    SparkRecordSettings,
    WarehouseSettings,
)

logger = logging.getLogger("chaos.agent")


def main() -> None:
    """Take over what an earlier agent left, then serve."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = AgentSettings.from_environment()
    address = urlsplit(settings.url)
    with _registry() as registry:
        _serve(build_app(registry, settings.token), address.hostname or "127.0.0.1", address.port or 0)


def _serve(app: FastAPI, host: str, port: int) -> None:
    uvicorn.run(app, host=host, port=port, access_log=False, log_level="warning")


@contextmanager
def _registry() -> Iterator[Registry]:
    """Give a registry with everything undone that a dead agent left; on the way out, undo everything again."""
    warehouse = WarehouseSettings.from_environment()
    airflow = AirflowClient(AirflowSettings.from_environment())
    services = Services(
        platform=LocalPlatform(LocalSiteSettings.from_environment()),
        airflow=airflow,
        open_warehouse=lambda name, purpose: PostgresReader(WarehouseSettings.named(name), application_name=purpose),
        clock=SystemClock(),
        open_records=lambda dag_id: _records(dag_id, airflow, warehouse),
        open_writer_records=lambda since: [tasks] if (tasks := _spark_tasks(since)) else [],
        open_work_record=_spark_tasks,
        open_consumer=lambda pipeline: ConsumerSnapshots(WarehouseSettings.named(pipeline.warehouse), pipeline),
        failpoints=FailpointBoard(failpoints) if (failpoints := FailpointSettings.from_environment().home) else None,
    )
    home = AgentHomeSettings.from_environment().home
    registry = Registry(journals=home / "journals", services=services, guardrails=_guardrails(home))
    for problem in registry.take_over():
        logger.error("a journal was left as it is: %s", problem)
    database = PostgresJournalDatabase(JournalDatabaseSettings.from_environment())
    mirror = Mirror(journals=registry, database=database)
    mirror.start()
    try:
        yield registry
    finally:
        registry.stop()
        mirror.stop()


def _records(dag_id: str, airflow: AirflowClient, warehouse: WarehouseSettings) -> list[RecordReader]:
    event_logs = SparkRecordSettings.from_environment().event_logs
    return [
        SupervisorRecords(open_supervisor=lambda: LocalSupervisor(LocalSiteSettings.from_environment())),
        DatabaseRecords(open_reader=lambda: PostgresReader(warehouse, application_name="chaos agent: records")),
        AirflowRecords(audit_log=airflow, dag_id=dag_id),
        *([SparkRecords(folder=event_logs)] if event_logs else []),
    ]


def _spark_tasks(since: datetime) -> SparkTasks | None:
    event_logs = SparkRecordSettings.from_environment().event_logs
    return SparkTasks(folder=event_logs, since=since) if event_logs else None


def _guardrails(home: Path) -> SiteGuardrails:
    settings = GuardrailSettings.from_environment()
    return SiteGuardrails(
        flags=home / "flags",
        allowed_platforms=settings.allowed_platforms,
        allowed_targets=settings.allowed_targets,
    )


if __name__ == "__main__":
    main()
