"""What end-to-end tests do with a lab: fill the bucket, run pipelines and experiments, kill things."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg
from psycopg import sql

from include.chaos.agent.client import AgentClient
from include.chaos.journal import JournalEntry, parse_journal
from include.chaos.model import LeaseState
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.airflow import AirflowClient, DagRunState, Parameters
from include.errors import AgentError, PlatformError
from include.lab import reaper
from include.lab.lab import Lab
from include.lab.layout import HOME_VARIABLE
from include.settings import REPO_ROOT, AgentSettings, AirflowSettings, WarehouseSettings

EXPERIMENT = "warehouse_killed_while_landing"
CORPUS = "corpus/"
RUN_SECONDS = 420.0

T = TypeVar("T")


class Site:
    """A lab that is up, and clients to it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.airflow = AirflowClient(AirflowSettings.from_environment())
        self.agent = AgentClient(AgentSettings.from_environment())

    def generate_corpus(self, *, songs: int, seed: int, prefix: str = CORPUS) -> None:
        """Put generated songs into the bucket, through the command that users have."""
        self.command("corpus", "generate", "--songs", str(songs), "--seed", str(seed), "--prefix", prefix)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `chaos-control` against this lab."""
        program = [sys.executable, "-m", "include.cli", *arguments]
        environment = {**os.environ, HOME_VARIABLE: str(self.lab.home.path)}
        return subprocess.run(
            program, cwd=REPO_ROOT, env=environment, capture_output=True, text=True, check=True, timeout=RUN_SECONDS
        )

    def run_undisturbed(self) -> DagRunState:
        """Run Scale once without a fault."""
        run_id = f"undisturbed__{stamp()}"
        await_(lambda: self.airflow.knows("scale_pipeline"), "Airflow to parse the DAG of Scale")
        self.airflow.trigger("scale_pipeline", run_id, {**load_pipeline("scale").conf, "prefix": CORPUS})
        return self.await_end("scale_pipeline", run_id)

    def start_experiment(self, conf: Parameters | None = None, experiment_id: str = EXPERIMENT) -> str:
        """Trigger an experiment's DAG; give the DAG run's id."""
        run_id, dag_id = f"test__{stamp()}", f"chaos__{experiment_id}"
        await_(lambda: self.airflow.knows(dag_id), "Airflow to parse the experiment's DAG")
        self.airflow.trigger(dag_id, run_id, {"pipeline_conf": {"prefix": CORPUS, **(conf or {})}})
        return run_id

    def await_experiment(
        self, run_id: str, experiment_id: str = EXPERIMENT
    ) -> tuple[DagRunState, tuple[JournalEntry, ...]]:
        """Wait for the verdict; give the DAG run and the journal."""
        run = self.await_end(f"chaos__{experiment_id}", run_id)
        return run, self.journal(run_id, experiment_id)

    def journal(self, run_id: str, experiment_id: str = EXPERIMENT) -> tuple[JournalEntry, ...]:
        """Read the journal of an experiment run."""
        experiment_run_id = f"{experiment_id}__{run_id}"
        return parse_journal(self.agent.journal(experiment_run_id), source=experiment_run_id).entries

    def await_injected(self, run_id: str) -> None:
        """Return in the middle of the hold."""
        await_(lambda: self._lease(run_id) is LeaseState.INJECTED, "the strike to be injected")

    def await_end(self, dag_id: str, run_id: str) -> DagRunState:
        """Wait for a DAG run's end, also while Airflow does not answer."""

        def ended() -> DagRunState | None:
            run = self.airflow.dag_run(dag_id, run_id)
            return run if run and run.ended else None

        return await_(ended, f"the end of {dag_id} {run_id}")

    def kill(self, name: str) -> int:
        """SIGKILL one of the lab's processes; give the pid that it had."""
        pid = self.pid(name)
        psutil.Process(pid).kill()
        return pid

    def pid(self, name: str) -> int:
        """Give the pid of a running component."""
        state = next(state for state in self.lab.status() if state.name == name)
        assert state.pid is not None, f"{name} is {state.state}"
        return state.pid

    def processes(self) -> list[psutil.Process]:
        """List all processes of the lab, of whatever depth."""
        return reaper.leftovers(self.lab.plan().credentials.lab_id, self.lab.home.data)

    def clear_failed(self, dag_id: str, run_id: str) -> None:
        """Run the failed tasks of a run again, as somebody would in the UI."""
        body = {"dry_run": False, "dag_run_id": run_id, "only_failed": True, "reset_dag_runs": True}
        assert self.airflow._request("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", body).is_success

    def manifests_with_rows(self) -> int:
        """Count the manifests of which rows are in the warehouse, published or staged."""
        query = (
            "SELECT count(*) FROM (SELECT manifest_id FROM scale.reading UNION "
            "SELECT manifest_id FROM scale.set_neighbours) AS any_rows"
        )
        with psycopg.connect(**WarehouseSettings.from_environment().connect_arguments()) as connection:  # type: ignore[arg-type]  # as below
            [(manifests,)] = connection.execute(query).fetchall()
        return int(manifests)

    def published(self, relation: str) -> list[tuple[object, ...]]:
        """Read a relation as a consumer would, in a fixed order."""
        connection = psycopg.connect(**WarehouseSettings.from_environment().connect_arguments())  # type: ignore[arg-type]  # str | int is what libpq takes
        with connection:
            rows = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(relation))).fetchall()
        return sorted(rows)

    def _lease(self, run_id: str) -> LeaseState | None:
        try:
            return self.agent.status(f"{EXPERIMENT}__{run_id}").lease
        except AgentError:
            return None  # not opened yet, or the agent is what the test has killed


@contextmanager
def site_of_its_own(*, songs: int, seed: int) -> Iterator[Site]:
    """Bring up a lab in a temporary folder, with a corpus and one undisturbed run of Scale behind it; leave nothing."""
    home = Path(tempfile.mkdtemp(prefix="chaos-control-e2e-"))
    home.chmod(0o755)
    lab = Lab.open(home)
    before = dict(os.environ)
    try:
        lab.up()
        os.environ.update(lab.environment())
        site = Site(lab)
        site.generate_corpus(songs=songs, seed=seed)
        site.run_undisturbed()
        yield site
    finally:
        lab.down()
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(home, ignore_errors=True)


def await_(condition: Callable[[], T | None], what: str) -> T:
    """Poll until a condition gives something true; fail naming what hung."""
    deadline = time.monotonic() + RUN_SECONDS
    waiting = threading.Event()
    while time.monotonic() < deadline:
        try:
            if found := condition():
                return found
        except PlatformError:
            pass  # Airflow may be what the test has killed
        waiting.wait(0.2)
    raise AssertionError(f"waited {RUN_SECONDS:.0f} s for {what}")


def stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
