"""The scenes of faults that act through Airflow's REST API: a real HTTP server that answers as Airflow does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr

from include.chaos.faults.base import FaultKind
from include.chaos.faults.clear_running_task import ClearRunningTask
from include.chaos.faults.duplicate_run import DuplicateRun
from include.chaos.faults.pool_exhaustion import PoolExhaustion
from include.chaos.model import Component, TargetInstance
from include.chaos.platforms.airflow import AirflowClient
from include.chaos.platforms.airflow_control import AirflowControl
from include.settings import AirflowSettings
from tests.chaos.faults.airflow_server import DAG, POOL, RUN, TASK, AirflowServer, airflow_server
from tests.chaos.faults.scene import Scene, SmallLab


@contextmanager
def control_of(server: AirflowServer) -> Iterator[AirflowControl]:
    """Give what acts on that Airflow, whose tasks have no processes."""
    port = server.server_address[1]
    settings = AirflowSettings(url=f"http://127.0.0.1:{port}", user="admin", password=SecretStr("secret"))
    client = AirflowClient(settings)
    try:
        yield AirflowControl(client, lives=lambda _pid: False)
    finally:
        client.close()


@contextmanager
def pool_exhaustion(_lab: SmallLab) -> Iterator[Scene]:
    """The pool has no slots, and then its own again."""
    with airflow_server() as server, control_of(server) as control:
        yield Scene(
            **_common(PoolExhaustion(), control, POOL, Component.AIRFLOW_POOL),
            is_struck=lambda: server.pools == {POOL: 0},
            is_whole=lambda: server.pools == {POOL: 1},
            remove=server.pools.clear,
            restore=lambda: server.pools.update({POOL: 1}),
            replace=lambda: server.pools.update({POOL: 1}),
        )


@contextmanager
def clear_running_task(_lab: SmallLab) -> Iterator[Scene]:
    """The first try of a task ends, and Airflow starts another."""
    with airflow_server() as server, control_of(server) as control:
        yield Scene(
            **_common(ClearRunningTask(), control, f"{DAG}/{RUN}/{TASK}", Component.AIRFLOW_TASK),
            is_struck=lambda: server.task["try_number"] > 1,
            is_whole=lambda: bool(server.task["state"] == "running"),
            remove=lambda: server.task.update(state="success"),
            restore=lambda: server.task.update(state="running"),
            replace=lambda: server.task.update(try_number=7),
        )


@contextmanager
def duplicate_run(_lab: SmallLab) -> Iterator[Scene]:
    """A second run stands beside the first, and is gone afterwards."""
    with airflow_server() as server, control_of(server) as control:
        yield Scene(
            **_common(DuplicateRun(), control, f"{DAG}/{RUN}", Component.PIPELINE_RUN),
            is_struck=lambda: [run["conf"] for run in server.runs.values()] == 2 * [{"prefix": "a/"}],
            is_whole=lambda: server.runs.keys() == {RUN},
            remove=lambda: server.runs[RUN].update(state="success"),
            restore=lambda: server.runs[RUN].update(state="running"),
            replace=lambda: _keep_first(server),
        )


def _common(fault: FaultKind[Any], control: AirflowControl, name: str, component: Component) -> dict[str, Any]:
    return {"fault": fault, "ability": control, "instance": TargetInstance(name=name, component=component)}


def _keep_first(server: AirflowServer) -> None:
    for name in server.runs.keys() - {RUN}:
        del server.runs[name]
