"""Whole runs of an experiment's DAG, as Airflow conducts them, with an agent that really listens."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.utils.db import initdb

from include.settings import REPO_ROOT
from tests.chaos.agent.world import World, served_in

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
