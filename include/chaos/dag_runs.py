"""The command line's way to start a DAG run and watch it to its end."""

import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime

from rich.console import Console
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from include.chaos.platforms.airflow import AirflowClient, DagRunState, Parameters
from include.chaos.progress import StageProgress
from include.errors import PlatformError

POLL_SECONDS = 1.0
PARSE_SECONDS = 120.0

_patient = Retrying(
    retry=retry_if_exception_type(PlatformError),
    stop=stop_after_delay(120),
    wait=wait_fixed(POLL_SECONDS),
    reraise=True,
)
"""Airflow may be what the experiment strikes, so it is asked again for a while when it does not answer."""


def run_dag(
    airflow: AirflowClient,
    dag_id: str,
    dag_run_id: str,
    conf: Parameters,
    *,
    console: Console,
    progress: StageProgress | None = None,
) -> DagRunState:
    """Start a DAG run and show its tasks as they change, until it has ended."""
    _await_parsed(airflow, dag_id)
    _patient(airflow.trigger, dag_id, dag_run_id, conf)
    console.print(f"{dag_id}: run {dag_run_id}")
    shown: dict[str, str] = {}
    with progress or nullcontext():
        while True:
            run = _patient(airflow.dag_run, dag_id, dag_run_id)
            for line in _changes(airflow, dag_id, dag_run_id, shown):
                console.print(line, markup=False, highlight=False)
            if run and run.ended:
                return run
            if progress:
                progress.show({task_id for task_id, state in shown.items() if state.startswith("running")})
            time.sleep(POLL_SECONDS)


def _await_parsed(airflow: AirflowClient, dag_id: str) -> None:
    deadline = time.monotonic() + PARSE_SECONDS
    while not _patient(airflow.knows, dag_id):
        if time.monotonic() > deadline:
            raise PlatformError(f"Airflow does not know the DAG {dag_id}; `chaos-control logs airflow_dag_processor`")
        time.sleep(POLL_SECONDS)


def _changes(airflow: AirflowClient, dag_id: str, dag_run_id: str, shown: dict[str, str]) -> Iterator[str]:
    """Give a line for each task, and each of a mapped one's, whose state or try is new."""
    for task in _patient(airflow.tasks, dag_id, dag_run_id):
        state = f"{task.state} (try {task.try_number})" if task.try_number > 1 else str(task.state)
        if task.state not in (None, "scheduled", "queued") and shown.get(task.label) != state:
            shown[task.label] = state
            yield f"  {datetime.now(UTC):%H:%M:%S} {task.label}: {state}"


def stamp() -> str:
    """Give the present moment as a part of a DAG run's id, which no other run has."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
