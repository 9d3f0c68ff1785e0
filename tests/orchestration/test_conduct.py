"""Whole runs of an experiment's DAG, as Airflow conducts them, with an agent that really listens."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.utils.db import initdb

from include.chaos import events as e
from include.chaos.model import VerdictValue
from include.chaos.platforms.airflow import DagRunState
from include.settings import REPO_ROOT
from tests.chaos.agent.world import World, served_in
from tests.waiting import await_

DAG_ID = "chaos__null"


@pytest.fixture(scope="module")
def bag() -> DagBag:
    initdb()
    bag = DagBag(REPO_ROOT / "dags" / "chaos_experiments.py")
    for task in bag.dags[DAG_ID].tasks:
        task.retries = 0  # what is refused once is refused again
    return bag


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with served_in(tmp_path, monkeypatch) as made:
        url = os.environ["CHAOS_AGENT_URL"].replace("://", "://:token@")
        monkeypatch.setenv("AIRFLOW_CONN_CHAOS_AGENT", url)
        yield made


def _let_the_pipeline_land(world: World) -> None:
    """Play the pipeline: its stage runs as soon as it is started, and its run ends well when the strike has."""
    await_(lambda: bool(world.airflow.triggered))
    world.stage_is("running")
    (run,) = world.registry.open_runs()
    await_(lambda: run.status().all_strikes_ended)
    world.airflow.run = DagRunState(dag_run_id=world.airflow.triggered[0], state="success")


def test_a_run_waits_deferred_and_ends_recovered_with_a_verdict(bag: DagBag, world: World) -> None:
    """The teardown has run and the journal is closed, although rows cannot be verified here."""
    world.stage_is("queued")
    pipeline = threading.Thread(target=_let_the_pipeline_land, args=(world,))
    pipeline.start()
    run = bag.dags[DAG_ID].test(run_conf={"do_nothing__hold_seconds": 0.5})
    pipeline.join()
    states = {instance.task_id: instance.state for instance in run.get_task_instances()}
    done = [
        "plan_strikes",
        "measure_steady_state",
        "arm",
        "start_pipeline",
        "strike",
        "recover",
        "await_landing",
        "judge",
    ]
    assert {task_id: states[task_id] for task_id in done} == dict.fromkeys(done, "success")
    assert (states["verify_landing"], states["publish_verdict"], run.state) == ("failed", "failed", "failed")
    (run_id,) = world.registry.run_ids()
    told = [entry.body for entry in world.registry.entries_since(run_id, 0)[0]]
    assert [body.verdict for body in told if isinstance(body, e.VerdictReached)] == [VerdictValue.NOT_EXERCISED]
    assert len([body for body in told if isinstance(body, e.Injected | e.Recovered)]) == 2


def test_a_dry_run_ends_behind_its_plan_without_a_verdict(bag: DagBag, world: World) -> None:
    """Every task behind the plan is skipped, the teardown too; no journal was begun, so nobody can read a pass."""
    run = bag.dags[DAG_ID].test(run_conf={"dry_run": True})
    states = {instance.task_id: instance.state for instance in run.get_task_instances()}
    assert states.pop("plan_strikes") == "success"
    assert set(states.values()) == {"skipped"}
    assert world.registry.run_ids() == []


def test_a_refused_form_ends_in_a_failed_run_that_touched_nothing(bag: DagBag, world: World) -> None:
    """Red, with the reason in the first task; never skipped, which would be green."""
    run = bag.dags[DAG_ID].test(run_conf={"do_nothing__moment": "published"})
    states = {instance.task_id: instance.state for instance in run.get_task_instances()}
    assert run.state == "failed"
    assert states["plan_strikes"] == "failed"
    assert states["strike"] == states["arm"] == "upstream_failed"
    assert world.registry.run_ids() == []
