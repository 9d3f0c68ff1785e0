"""A small server that answers as Airflow's REST API does, for one DAG with one run and one pool."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

DAG, RUN, TASK, POOL = "songs", "chaos__1", "load", "spark"


class AirflowServer(ThreadingHTTPServer):
    """Airflow's state, as far as faults reach it; tests read and change it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pools: dict[str, int] = {POOL: 1}
        self.runs: dict[str, dict[str, Any]] = {RUN: {"state": "running", "conf": {"prefix": "a/"}}}
        self.task: dict[str, Any] = {"state": "running", "try_number": 1}
        self.event_logs: list[dict[str, Any]] = []

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, object]:
        """Give status and document."""
        match method, path.removeprefix("/api/v2/").split("/"):
            case "POST", ["", "auth", "token"]:
                return 201, {"access_token": "token"}
            case "GET", [listed] if listed in ("pools", "eventLogs"):
                return 200, {
                    "pools": [_pool(*pool) for pool in self.pools.items()],
                    "event_logs": self.event_logs,
                }
            case "PATCH", ["pools", name] if name in self.pools:
                return self._resize(name, body)
            case "POST", ["dags", _, "clearTaskInstances"]:
                return self._clear(body)
            case _, ["dags", _, "dagRuns", *rest]:
                return self._answer_for_run(method, rest, body)
            case _:
                return 404, {}

    def _answer_for_run(self, method: str, rest: list[str], body: dict[str, Any]) -> tuple[int, object]:
        match method, rest:
            case "POST", []:
                self.runs[body["dag_run_id"]] = {"state": "queued", "conf": body["conf"]}
                return 200, {}
            case "GET", [run, "taskInstances"] if run in self.runs:
                return 200, {"task_instances": [{"task_id": TASK, **self.task}] if run == RUN else []}
            case "GET", [run] if run in self.runs:
                return 200, {"dag_run_id": run, **self.runs[run]}
            case "PATCH", [run] if run in self.runs:
                self.runs[run]["state"] = body["state"]
                return 200, {}
            case "DELETE", [run] if run in self.runs:
                return (204, {}) if self.runs.pop(run)["state"] == "failed" else (409, {})
            case _:
                return 404, {}

    def _resize(self, name: str, body: dict[str, Any]) -> tuple[int, object]:
        if not {"pool", "slots", "include_deferred"} <= body.keys():
            return 422, {"detail": "Field required"}
        self.pools[name] = body["slots"]
        return 200, _pool(name, body["slots"])

    def _clear(self, body: dict[str, Any]) -> tuple[int, object]:
        if body["task_ids"] == [TASK] and body["dag_run_id"] == RUN and not body["dry_run"]:
            self.task = {"state": "running", "try_number": self.task["try_number"] + 1}
        return 200, {}


def _pool(name: str, slots: int) -> dict[str, Any]:
    return {"name": name, "slots": slots, "include_deferred": False}


class _Handler(BaseHTTPRequestHandler):
    server: AirflowServer

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        status, document = self.server.answer(self.command, urlsplit(self.path).path, body)
        text = b"" if status == 204 else json.dumps(document).encode()  # no content
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815  # the base class's names

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def airflow_server() -> Iterator[AirflowServer]:
    """Serve until the test is over."""
    server = AirflowServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
