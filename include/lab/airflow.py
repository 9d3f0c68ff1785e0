"""Airflow as four processes on the control database: API server, scheduler, DAG processor, triggerer."""

import importlib.metadata
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus

from pydantic import BaseModel

from include.errors import LabError
from include.lab import airflow_settings
from include.lab.component import Check, Component, nothing
from include.lab.http_health import ask, send
from include.lab.layout import PRIVATE, LabHome, last_lines, write_whole
from include.lab.plan import AIRFLOW_AGENT_USER, AIRFLOW_USER, Plan
from include.lab.supervision import base_environment

SPARK_POOL = "spark"
_MIGRATION_LOG = "airflow_db_migrate"


class _Part(BaseModel):
    status: str | None
    latest_scheduler_heartbeat: datetime | None = None
    latest_triggerer_heartbeat: datetime | None = None
    latest_dag_processor_heartbeat: datetime | None = None

    def heartbeat(self) -> datetime | None:
        return self.latest_scheduler_heartbeat or self.latest_triggerer_heartbeat or self.latest_dag_processor_heartbeat


class _Health(BaseModel):
    metadatabase: _Part
    scheduler: _Part
    triggerer: _Part
    dag_processor: _Part

    def part(self, component: str) -> _Part:
        return {
            "airflow_scheduler": self.scheduler,
            "airflow_triggerer": self.triggerer,
            "airflow_dag_processor": self.dag_processor,
        }[component]


class _Token(BaseModel):
    access_token: str


def components(plan: Plan) -> tuple[Component, ...]:
    """Describe Airflow's four processes."""
    environment = airflow_settings.environment(plan)
    metadata = _Metadata(plan=plan, environment=environment)

    def process(
        name: str, *command: str, check: Check, port: int | None = None, needs: tuple[str, ...] = ("control_db",)
    ) -> Component:
        return Component(
            name=name,
            component=name,
            port=port,
            command=(sys.executable, "-m", "airflow", *command),
            environment=environment,
            check=check,
            needs=needs,
            prepare=metadata.prepare,
            provision=partial(_create_pool, plan) if port else nothing,
        )

    # --skip-serve-logs: the log server listens on every interface, and the API server reads the files themselves.
    return (
        process(
            "airflow_api_server", "api-server", check=partial(_check_api, plan), port=plan.ports["airflow_api_server"]
        ),
        process(
            "airflow_scheduler",
            *("scheduler", "--skip-serve-logs"),
            check=partial(_check_heartbeat, plan, "airflow_scheduler"),
            needs=("control_db", "fault_proxy"),  # for its tasks
        ),
        process(
            "airflow_dag_processor", "dag-processor", check=partial(_check_heartbeat, plan, "airflow_dag_processor")
        ),
        process(
            "airflow_triggerer",
            *("triggerer", "--skip-serve-logs"),
            check=partial(_check_heartbeat, plan, "airflow_triggerer"),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metadata:
    """What all four processes need before they start, made by the first of them that comes."""

    plan: Plan
    environment: dict[str, str] = field(repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def prepare(self) -> None:
        """Write the login and bring the tables to the installed version, unless both are there."""
        version = importlib.metadata.version("apache-airflow-core")
        with self._lock:
            home, secrets = self.plan.home, self.plan.credentials
            login = airflow_settings.login_file(home)
            login.parent.mkdir(parents=True, exist_ok=True)
            passwords = {AIRFLOW_USER: secrets.airflow_admin, AIRFLOW_AGENT_USER: secrets.airflow_agent}
            write_whole(login, json.dumps(passwords), mode=PRIVATE)
            stamp = login.with_name("migrated")
            if not (stamp.exists() and stamp.read_text() == version):
                _migrate(home, secrets.lab_id, self.environment)
                stamp.write_text(version)


def _migrate(home: LabHome, lab_id: str, environment: dict[str, str]) -> None:
    log = home.log_of(_MIGRATION_LOG)
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            cwd=home.path,
            env=base_environment(lab_id, os.environ) | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise LabError(f"`airflow db migrate` failed; {log} ends with:\n{last_lines(log, 20)}")


def _check_api(plan: Plan, _since: datetime) -> None:
    if (told := _ask_health(plan).metadatabase.status) != "healthy":
        raise LabError(f"Airflow finds its database {told}")


def _check_heartbeat(plan: Plan, component: str, since: datetime) -> None:
    """Require a heartbeat of this very process: one of the process before it counts as healthy to Airflow."""
    part = _ask_health(plan).part(component)
    heartbeat = part.heartbeat()
    if part.status != "healthy" or heartbeat is None or heartbeat < since:
        raise LabError(f"Airflow says {part.status or 'not seen yet'}, last heartbeat {heartbeat or 'never'}")


def _ask_health(plan: Plan) -> _Health:
    return ask(f"{plan.url('airflow_api_server')}/api/v2/monitor/health", _Health)


def _create_pool(plan: Plan) -> None:
    """Make room for one Spark job at a time: two would wait for each other's cores."""
    url = plan.url("airflow_api_server")
    login = {"username": AIRFLOW_USER, "password": plan.credentials.airflow_admin}
    token = ask(f"{url}/auth/token", _Token, method="POST", json=login).access_token
    pool = {"name": SPARK_POOL, "slots": 1, "include_deferred": False}
    answer = send(f"{url}/api/v2/pools", method="POST", json=pool, headers={"Authorization": f"Bearer {token}"})
    if not (answer.is_success or answer.status_code == HTTPStatus.CONFLICT):
        raise LabError(f"Airflow's pool {SPARK_POOL} could not be created: {answer.status_code} {answer.text[:300]}")
