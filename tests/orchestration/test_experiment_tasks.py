"""What the tasks of an experiment's DAG do, one after the other, with an agent that really listens."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from airflow.sdk.exceptions import AirflowFailException
from pydantic import SecretStr

from include.chaos import events as e
from include.chaos.agent.server import build_app
from include.chaos.model import LeaseState, VerdictValue
from include.chaos.platforms.airflow import DagRunState
from include.orchestration import experiment_tasks
from tests.chaos.agent.world import World, bodies, world_in
from tests.waiting import await_

RUN_ID = "null__manual"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Serve a world's agent, and let Airflow's connection lead there."""
    with world_in(tmp_path) as made:
        config = uvicorn.Config(build_app(made.registry, SecretStr("token")), port=0, log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        await_(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        monkeypatch.setenv("AIRFLOW_CONN_CHAOS_AGENT", f"http://:token@127.0.0.1:{port}")
        yield made
        server.should_exit = True
        thread.join()


def test_the_null_experiment_is_conducted_to_its_verdict(world: World) -> None:
    """Measure, arm, start, strike, undo, judge and publish; twice where Airflow may try twice."""
    for _ in range(2):
        experiment_tasks.measure(RUN_ID, "null")
    leases = experiment_tasks.arm_strikes(RUN_ID, "null")
    assert experiment_tasks.arm_strikes(RUN_ID, "null") == leases
    experiment_tasks.start(RUN_ID, "null", {})
    for _ in range(2):
        experiment_tasks.carry_out_strikes(RUN_ID, "null")
        experiment_tasks.undo(RUN_ID, "null")
    world.airflow.run = DagRunState(dag_run_id=f"chaos__{RUN_ID}", state="success")
    experiment_tasks.wait_for_landing(RUN_ID)
    verdict = experiment_tasks.reach_verdict(RUN_ID)
    assert verdict["verdict"] == VerdictValue.NOT_EXERCISED
    for _ in range(2):
        with pytest.raises(AirflowFailException, match="no probe saw an effect"):
            experiment_tasks.publish(RUN_ID, verdict)
    run = world.registry.get(RUN_ID)
    assert run.closed
    assert len(bodies(run, e.LeaseArmed)) == len(bodies(run, e.Injected)) == len(bodies(run, e.VerdictReached)) == 1


def test_a_strike_that_was_none_fails_its_task_by_name(world: World) -> None:
    """The task says which strike did not come about, and why."""
    experiment_tasks.measure(RUN_ID, "null")
    experiment_tasks.arm_strikes(RUN_ID, "null")
    world.registry.halt("not now")
    with pytest.raises(AirflowFailException, match=r"do_nothing: .*lease"):
        experiment_tasks.carry_out_strikes(RUN_ID, "null")
    assert world.registry.get(RUN_ID).status().lease is LeaseState.REVOKED
