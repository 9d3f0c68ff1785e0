"""`experiment run` on the command line, before a server that answers as Airflow and the agent do."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from include.chaos.commands import experiment_app
from include.chaos.model import VerdictValue
from include.errors import AgentError, ConfigurationError
from tests.chaos import journals

EXPERIMENT = "warehouse_killed_while_landing"


class Site:
    """Ends every DAG run at once; the nth has the journal of the nth verdict, those after the last have none."""

    def __init__(self, *verdicts: VerdictValue) -> None:
        self.verdicts = verdicts
        self.triggered: list[dict[str, object]] = []

    def trigger(self, body: dict[str, object]) -> str:
        self.triggered.append(body)
        return "{}"

    def get(self, path: str) -> str | None:
        """Give the answer to a path, or None when there is nothing."""
        if path.endswith("/journal"):
            return self._journal(path.split("/")[2])
        if path.endswith("/taskInstances"):
            return json.dumps({"task_instances": [{"task_id": "judge", "state": "success", "try_number": 1}]})
        return json.dumps({"dag_run_id": path.rsplit("/", 1)[1], "state": "success"})

    def _journal(self, run_id: str) -> str | None:
        number = len(self.triggered) - 1
        if number >= len(self.verdicts):
            return None
        return "".join(entry.to_line() for entry in journals.reaching(self.verdicts[number], run=run_id))


class _Server(ThreadingHTTPServer):
    site = Site()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer(self.server.site.get(self.path))

    def do_POST(self) -> None:
        self._answer(self.server.site.trigger(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its signature
        """Say nothing."""

    def _answer(self, text: str | None) -> None:
        self.send_response(404 if text is None else 200)
        self.end_headers()
        self.wfile.write((text or '{"detail": "no such run"}').encode())


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    """Serve on a free port, which the environment names."""
    with _Server(("127.0.0.1", 0), _Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        variables = {"AIRFLOW_USER": "u", "AIRFLOW_PASSWORD": "p", "AGENT_TOKEN": "t"}
        for name in ("AIRFLOW_URL", "AGENT_URL"):
            variables[name] = f"http://127.0.0.1:{serving.server_port}"
        for name, value in variables.items():
            monkeypatch.setenv(f"CHAOS_{name}", value)
        yield serving
        serving.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("repeat", "said"),
    [("0", "greater than or equal to 1"), ("-1", "greater than or equal to 1"), ("often", "integer")],
)
def test_a_repeat_that_is_no_number_of_runs_is_refused(repeat: str, said: str) -> None:
    """Wrong usage is 2, which is no verdict's code, and the message names the option."""
    result = CliRunner().invoke(experiment_app, ["run", EXPERIMENT, "--repeat", repeat], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert "'--repeat'" in result.output
    assert said in result.output


@pytest.mark.parametrize("repeat", [(), ("--repeat", "3")])
def test_an_unknown_experiment_is_refused(repeat: tuple[str, ...]) -> None:
    """However often it is asked for."""
    result = CliRunner().invoke(experiment_app, ["run", "nobody", *repeat])
    assert isinstance(result.exception, ConfigurationError)
    assert EXPERIMENT in str(result.exception)


def test_a_layer_that_no_parameter_turns_off_is_refused_before_anything_starts(server: _Server) -> None:
    """The message names those that the pipeline's contract knows how to turn off."""
    result = CliRunner().invoke(experiment_app, ["run", EXPERIMENT, "--ablate", "supervisor_restart"])
    assert isinstance(result.exception, ConfigurationError)
    assert "what can: spark_task_retry, airflow_retry" in str(result.exception)


def test_a_layer_to_do_without_is_handed_to_the_dag(server: _Server) -> None:
    """Which asks the agent for a run without it."""
    server.site = Site(VerdictValue.FAILED)
    result = CliRunner().invoke(experiment_app, ["run", EXPERIMENT, "--ablate", "airflow_retry"])
    assert result.exit_code == 1
    assert [body["conf"] for body in server.site.triggered] == [{"pipeline_conf": {}, "ablate": ["airflow_retry"]}]


def test_each_run_of_a_repeat_is_a_dag_run_of_its_own(server: _Server) -> None:
    """With the same parameters, another id, and its own journal in the statistics."""
    server.site = Site(VerdictValue.PASSED, VerdictValue.NOT_EXERCISED, VerdictValue.PASSED)
    command = ["run", EXPERIMENT, "--repeat", "3", "--json", "--conf", "songs=5"]
    result = CliRunner().invoke(experiment_app, command)
    said = json.loads(result.stdout)
    assert [body["conf"] for body in server.site.triggered] == [{"pipeline_conf": {"songs": 5}, "ablate": []}] * 3
    ids = [f"{EXPERIMENT}__{body['dag_run_id']}" for body in server.site.triggered]
    assert [run["experiment_run_id"] for run in said["runs"]] == ids
    assert len(set(ids)) == 3
    assert said["statistics"]["verdicts"] == {"passed": 2, "failed": 0, "not_exercised": 1, "inconclusive": 0}
    assert result.exit_code == said["exit"] == 3


def test_without_a_repeat_it_is_run_as_often_as_its_file_says(server: _Server) -> None:
    """Here once."""
    server.site = Site(VerdictValue.PASSED)
    result = CliRunner().invoke(experiment_app, ["run", EXPERIMENT])
    assert (result.exit_code, len(server.site.triggered)) == (0, 1)
    assert "pass rate" not in result.stdout


def test_a_run_that_the_agent_did_not_open_ends_the_repeat(server: _Server) -> None:
    """As under a halt: what had passed is said, and it is no pass of the whole."""
    server.site = Site(VerdictValue.PASSED)
    result = CliRunner().invoke(experiment_app, ["run", EXPERIMENT, "--repeat", "3"])
    assert result.exit_code == 4
    assert "no such run. 1 of 3 runs have finished" in result.stdout
    assert len(server.site.triggered) == 2


def test_a_single_run_that_the_agent_did_not_open_is_an_error(server: _Server) -> None:
    """There is nothing else to say."""
    result = CliRunner().invoke(experiment_app, ["run", EXPERIMENT])
    assert isinstance(result.exception, AgentError)
