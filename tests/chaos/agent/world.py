"""The world as an agent sees it, steered by a test: threads are real, nothing waits on a fixed time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import uvicorn
from pydantic import SecretStr

from include.chaos.agent.experiment_run import ExperimentRun
from include.chaos.agent.registry import Registry
from include.chaos.agent.run_status import OpenRequest
from include.chaos.agent.server import build_app
from include.chaos.agent.services import Services
from include.chaos.experiment import Experiment, load_experiment
from include.chaos.journal import SystemClock
from include.chaos.model import BlastRadius, Component, StrikePoint, Target, Verdict
from include.chaos.platforms.airflow import DagRunState, TaskState
from include.chaos.verdict import judge
from include.failpoints import Failpoint
from tests.chaos import journals
from tests.chaos.fakes import FakeAirflow, FakeConsumers, FakePlatform, FakeWarehouse
from tests.waiting import await_

B = TypeVar("B")

RUN_ID = "warehouse_killed__manual"
STRIKE = "kill_warehouse"
PLACE = Failpoint(run_id=f"chaos__{RUN_ID}", stage="extract_instruments", name="partition_committed")


class World:
    """What the agent sees, and the agent's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.platform = FakePlatform()
        self.warehouse = FakeWarehouse(staged=(0, 10), process=self.platform)
        self.consumers = FakeConsumers()
        self.airflow = FakeAirflow(run=DagRunState(dag_run_id=f"chaos__{RUN_ID}", state="running"))
        self.stage_is("running")
        self.registry = self.new_agent()

    def new_agent(self) -> Registry:
        services = Services(
            platform=self.platform,
            airflow=self.airflow,
            open_warehouse=lambda _name, _purpose: self.warehouse,
            clock=SystemClock(),
            open_consumer=lambda _pipeline: self.consumers,
        )
        self.registry = Registry(journals=self.folder / "journals", services=services)
        return self.registry

    def stage_is(self, state: str, *, began: datetime | None = None, ended: datetime | None = None) -> None:
        stage = TaskState(task_id="extract_instruments", state=state, try_number=1, start_date=began, end_date=ended)
        self.airflow.stages = [stage]

    def open(self, experiment: Experiment | None = None) -> ExperimentRun:
        return self.registry.open(
            OpenRequest(
                experiment_run_id=RUN_ID,
                experiment_id="warehouse_killed",
                experiment=experiment or quick(),
                dag_run_id=f"chaos__{RUN_ID}",
            )
        )


def quick(hold_seconds: float = 0.2, experiment_id: str = "warehouse_killed_while_landing") -> Experiment:
    """Give a shipped experiment, with short times."""
    shipped = load_experiment(experiment_id)
    strike = shipped.strikes[0].model_copy(update={"hold_for": timedelta(seconds=hold_seconds)})
    steady = shipped.hypothesis.steady_state.model_copy(update={"settle_for": timedelta(seconds=1)})
    hypothesis = shipped.hypothesis.model_copy(update={"steady_state": steady})
    return shipped.model_copy(update={"strikes": (strike,), "hypothesis": hypothesis})


def at_failpoint(*, after: float = 0.0) -> Experiment:
    """Give the shipped experiment, at a failpoint and without a hold."""
    point = StrikePoint(stage=PLACE.stage, failpoint=PLACE.name, after=timedelta(seconds=after))
    return _struck_otherwise({"strike_point": point})


def on_executors(radius: int = 2) -> Experiment:
    """Give the shipped experiment, on every executor that the pipeline has spawned."""
    blast_radius = BlastRadius(
        max_targets=radius, max_duration=timedelta(minutes=1), allowed_targets=frozenset({Component.SPARK_EXECUTOR})
    )
    experiment = _struck_otherwise({"target": Target(component=Component.SPARK_EXECUTOR)})
    return experiment.model_copy(update={"blast_radius": blast_radius})


def _struck_otherwise(change: dict[str, object]) -> Experiment:
    shipped = quick()
    strike = shipped.strikes[0].model_copy(update={"hold_for": timedelta(0), **change})
    return shipped.model_copy(update={"strikes": (strike,)})


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    world = World(folder)
    try:
        yield world
    finally:
        world.registry.stop()


@contextmanager
def served_in(folder: Path, environment: pytest.MonkeyPatch) -> Iterator[World]:
    """Serve a world's agent on a port of its own, which the environment names."""
    with world_in(folder) as world:
        config = uvicorn.Config(build_app(world.registry, SecretStr("token")), port=0, log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        await_(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        environment.setenv("CHAOS_AGENT_URL", f"http://127.0.0.1:{port}")
        environment.setenv("CHAOS_AGENT_TOKEN", "token")
        try:
            yield world
        finally:
            server.should_exit = True
            thread.join()


def struck(world: World, run: ExperimentRun) -> None:
    """Bring a run to its strike, with half of the rows staged."""
    run.measure_baseline()
    run.arm(STRIKE)
    run.start_pipeline({})
    run.begin_strike(STRIKE)
    world.warehouse.staged = (6, 10)


def land(world: World, run: ExperimentRun) -> Verdict:
    """Let the pipeline end well, with every row landed, and judge."""
    now = SystemClock().now()
    world.stage_is("success", began=now - timedelta(hours=1), ended=now)
    world.airflow.run = DagRunState(dag_run_id=f"chaos__{RUN_ID}", state="success")
    await_(lambda: run.status().dag_run_state == "success")
    run.note(journals.rows(published=f"chaos__{RUN_ID}"))
    return judge(run.entries_since(0))


def bodies(run: ExperimentRun, kind: type[B]) -> list[B]:
    return [entry.body for entry in run.entries_since(0) if isinstance(entry.body, kind)]
