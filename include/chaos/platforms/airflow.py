"""Airflow's REST API (v2): start a DAG run and see what became of it. Every failure is a `PlatformError`."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue

from include.errors import PlatformError
from include.settings import AirflowSettings

REQUEST_SECONDS = 10.0

Parameters = dict[str, JsonValue]


class DagRunState(BaseModel):
    """What Airflow says of a DAG run."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    dag_run_id: str
    state: str
    start_date: datetime | None = None
    end_date: datetime | None = None
    conf: Parameters | None = None

    @property
    def ended(self) -> bool:
        """Whether the run has come to an end."""
        return self.state in ("success", "failed")


class TaskState(BaseModel):
    """What Airflow says of a task's latest try."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    task_id: str
    state: str | None
    try_number: int
    start_date: datetime | None = None
    end_date: datetime | None = None
    pid: int | None = None
    scheduled_when: datetime | None = None
    map_index: int = -1
    rendered_map_index: str | None = None

    @property
    def label(self) -> str:
        """The task's id, with what tells a mapped task's instances apart."""
        return self.task_id if self.map_index < 0 else f"{self.task_id} [{self.rendered_map_index or self.map_index}]"


class PoolState(BaseModel):
    """What Airflow says of a pool."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    slots: int
    include_deferred: bool


class _Pools(BaseModel):
    pools: list[PoolState]


class _DagRuns(BaseModel):
    dag_runs: list[DagRunState]


class _Task(BaseModel):
    task_id: str
    downstream_task_ids: list[str]


class _Tasks(BaseModel):
    tasks: list[_Task]


class _TaskStates(BaseModel):
    task_instances: list[TaskState]


class _EventLog(BaseModel):
    when: datetime
    event: str
    owner: str | None = None


class _EventLogs(BaseModel):
    event_logs: list[_EventLog]


_INTERVENTIONS = frozenset({"post_clear_task_instances", "patch_task_instance", "clear_dag_run", "patch_dag_run"})
"""What Airflow's audit log calls the acts by which a person brings a run on."""


class AirflowClient:
    """A logged-in client; safe to share between threads."""

    def __init__(self, settings: AirflowSettings) -> None:
        """Remember where Airflow is; the first request logs in."""
        self._settings = settings
        self._http = httpx.Client(base_url=settings.url, timeout=REQUEST_SECONDS)

    def trigger(self, dag_id: str, dag_run_id: str, conf: Parameters) -> None:
        """Start a DAG run; one of that id that is there already is taken for it."""
        body = {"dag_run_id": dag_run_id, "logical_date": None, "conf": conf}
        response = self._request("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)
        if response.status_code != httpx.codes.CONFLICT:
            _require_success(response)

    def dag_run(self, dag_id: str, dag_run_id: str) -> DagRunState | None:
        """Give a DAG run's state, or None when there is no such run."""
        response = self._request("GET", f"/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}")
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        return DagRunState.model_validate_json(_require_success(response).content)

    def tasks(self, dag_id: str, dag_run_id: str) -> list[TaskState]:
        """Give the state of every task of a run; none when there is no such run."""
        response = self._request("GET", f"/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances")
        if response.status_code == httpx.codes.NOT_FOUND:
            return []
        return _TaskStates.model_validate_json(_require_success(response).content).task_instances

    def successful_runs(self, dag_id: str, *, limit: int = 20) -> list[DagRunState]:
        """List a DAG's latest successful runs, newest first."""
        response = self._request("GET", f"/api/v2/dags/{dag_id}/dagRuns?state=success&order_by=-end_date&limit={limit}")
        return _DagRuns.model_validate_json(_require_success(response).content).dag_runs

    def interventions(self, dag_id: str, since: datetime) -> list[tuple[datetime, str]]:
        """Give when others than this client's user cleared or marked tasks or runs of a DAG, and what was done."""
        query = f"dag_id={dag_id}&after={quote(since.isoformat())}&order_by=when&limit=100"
        response = _require_success(self._request("GET", f"/api/v2/eventLogs?{query}"))
        logged = _EventLogs.model_validate_json(response.content).event_logs
        theirs = (entry for entry in logged if entry.owner != self._settings.user)
        return [(entry.when, entry.event) for entry in theirs if entry.event in _INTERVENTIONS]

    def active_runs(self, dag_id: str) -> list[DagRunState]:
        """List a DAG's runs that have not ended."""
        response = self._request("GET", f"/api/v2/dags/{dag_id}/dagRuns?state=queued&state=running")
        return _DagRuns.model_validate_json(_require_success(response).content).dag_runs

    def fail(self, dag_id: str, dag_run_id: str) -> None:
        """Mark a DAG run failed, and with it its tasks; nothing when there is no such run."""
        response = self._request("PATCH", f"/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", {"state": "failed"})
        if response.status_code != httpx.codes.NOT_FOUND:
            _require_success(response)

    def delete(self, dag_id: str, dag_run_id: str) -> None:
        """Delete a DAG run; nothing when there is no such run."""
        response = self._request("DELETE", f"/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}")
        if response.status_code != httpx.codes.NOT_FOUND:
            _require_success(response)

    def clear(self, dag_id: str, dag_run_id: str, task_id: str) -> None:
        """Clear one task of a run, whatever its state: a try that runs is ended, and another one follows."""
        body = {"dry_run": False, "dag_run_id": dag_run_id, "task_ids": [task_id], "only_failed": False}
        _require_success(self._request("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", body))

    def pools(self) -> list[PoolState]:
        """List all pools."""
        return _Pools.model_validate_json(_require_success(self._request("GET", "/api/v2/pools")).content).pools

    def resize(self, pool: PoolState, slots: int) -> None:
        """Give a pool so many slots; Airflow wants the rest of it said again."""
        body = {"pool": pool.name, "slots": slots, "include_deferred": pool.include_deferred}
        _require_success(self._request("PATCH", f"/api/v2/pools/{pool.name}?update_mask=slots", body))

    def knows(self, dag_id: str) -> bool:
        """Tell whether Airflow has parsed that DAG yet."""
        response = self._request("GET", f"/api/v2/dags/{dag_id}")
        return response.status_code == httpx.codes.OK

    def downstream(self, dag_id: str) -> dict[str, list[str]]:
        """Give a DAG's tasks and those that come after each; raise `PlatformError` when there is no such DAG."""
        response = _require_success(self._request("GET", f"/api/v2/dags/{quote(dag_id, safe='')}/tasks"))
        return {task.task_id: task.downstream_task_ids for task in _Tasks.model_validate_json(response.content).tasks}

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        try:
            response = self._http.request(method, path, json=body)
            if response.status_code == httpx.codes.UNAUTHORIZED:
                self._log_in()
                response = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise PlatformError(f"Airflow at {self._settings.url} does not answer: {type(error).__name__}") from error
        return response

    def _log_in(self) -> None:
        credentials = {"username": self._settings.user, "password": self._settings.password.get_secret_value()}
        token = _require_success(self._http.post("/auth/token", json=credentials)).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"


def _require_success(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    raise PlatformError(
        f"Airflow answered {response.status_code} to {response.request.url.path}: {response.text[:300]}"
    )
