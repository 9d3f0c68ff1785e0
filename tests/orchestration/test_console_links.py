"""From a task that waits to its run in the console."""

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import BaseOperator
from airflow.sdk.types import TaskInstanceKey
from airflow.serialization.serialized_objects import DagSerialization

from include.orchestration.console_links import ExperimentRunLink, external_views
from include.settings import REPO_ROOT

DAG_ID = "chaos__warehouse_killed_while_landing"


def test_a_waiting_task_links_to_its_run() -> None:
    """Also after Airflow has written the DAG down and read it again, as its UI does."""
    bag = DagBag(REPO_ROOT / "dags" / "chaos_experiments.py")
    dag = DagSerialization.from_dict(DagSerialization.to_dict(bag.dags[DAG_ID]))
    assert "Watch in Chaos Control" in dag.task_dict["strike"].operator_extra_link_dict
    key = TaskInstanceKey(dag_id=DAG_ID, task_id="strike", run_id="manual__2026-01-01T00:00:00+00:00")
    strike = bag.dags[DAG_ID].get_task("strike")
    assert isinstance(strike, BaseOperator)
    link = ExperimentRunLink().get_link(strike, ti_key=key)
    assert link == (
        "/plugin/chaos/chaos/runs/warehouse_killed_while_landing__manual__2026-01-01T00%3A00%3A00%2B00%3A00"
    )


def test_links_begin_where_airflow_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which need not be the root of its server."""
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://example.org/airflow/")
    assert {view["href"].split("/chaos")[0] for view in external_views()} == {"/airflow"}
