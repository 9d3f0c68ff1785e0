"""The DAG files parse, cheaply, into the graphs that the design draws."""

import subprocess
import sys
from itertools import pairwise
from types import SimpleNamespace

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from include.chaos.pipeline import load_pipeline
from include.orchestration.retries import give_up_if_tried_before
from include.orchestration.schedules import orders_schedule
from include.settings import REPO_ROOT

EXPERIMENT = "chaos__warehouse_killed_while_landing"
HEAVY = (
    *("pyspark", "psycopg", "numpy", "pandas", "pretty_midi", "obstore", "boto3", "fastapi", "uvicorn"),
    *("holidays", "httpx", "psutil", "scipy", "plotly", "tenacity"),
)


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    bag = DagBag(REPO_ROOT / "dags")
    assert bag.import_errors == {}
    return dict(bag.dags)


def _follows(dag: DAG, later: str, earlier: str) -> bool:
    return earlier in dag.get_task(later).get_flat_relative_ids(upstream=True)


def test_every_experiment_file_becomes_a_dag(dags: dict[str, DAG]) -> None:
    """The file name gives the DAG id, and the claim is in the DAG's documentation."""
    assert EXPERIMENT in dags
    assert "Every row lands exactly once" in str(dags[EXPERIMENT].doc_md)


def test_scale_runs_its_stages_in_order(dags: dict[str, DAG]) -> None:
    """Freeze, extract, score, publish, verify."""
    stages = ["freeze_manifest", "extract_instruments", "score_similarity", "publish", "verify_landing"]
    for earlier, later in pairwise(stages):
        assert _follows(dags["scale_pipeline"], later, earlier)


@pytest.mark.parametrize("name", ["scale", "orders"])
def test_a_landing_contract_names_its_dag_and_its_stages_in_order(dags: dict[str, DAG], name: str) -> None:
    """All that there are."""
    pipeline = load_pipeline(name)
    dag = dags[pipeline.dag_id]
    assert {stage.task_id for stage in pipeline.stages} == set(dag.task_ids)
    for earlier, later in pairwise(pipeline.stages):
        assert _follows(dag, later.task_id, earlier.task_id)
    assert pipeline.conf.keys() <= dag.params.keys()


@pytest.mark.parametrize("dag_id", ["scale_pipeline", "hourly_orders"])
def test_the_tasks_of_pipelines_are_retried(dags: dict[str, DAG], dag_id: str) -> None:
    """A pipeline that is to survive faults tries again."""
    assert all((task.retries or 0) >= 2 for task in dags[dag_id].tasks)


def test_orders_are_hourly_where_the_site_does_not_say_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab says that nothing runs there by itself."""
    assert orders_schedule() == "@hourly"
    monkeypatch.setenv("ORDERS_SCHEDULE", "")
    assert orders_schedule() is None


def test_a_scale_run_without_retries_gives_up_at_its_second_try(dags: dict[str, DAG]) -> None:
    """Every task asks first, also one whose first try was killed; with retries it goes on."""
    hooks = {getattr(task, "_pre_execute_hook", None) for task in dags["scale_pipeline"].tasks}
    assert hooks == {give_up_if_tried_before}
    second = SimpleNamespace(try_number=2)
    give_up_if_tried_before({"params": {"task_retries": True}, "ti": second})  # type: ignore[typeddict-item]
    give_up_if_tried_before({"params": {"task_retries": False}, "ti": SimpleNamespace(try_number=1)})  # type: ignore[typeddict-item]
    with pytest.raises(AirflowFailException, match="does without retries"):
        give_up_if_tried_before({"params": {"task_retries": False}, "ti": second})  # type: ignore[typeddict-item]


def test_every_ablation_of_scale_is_a_parameter_of_its_dag(dags: dict[str, DAG]) -> None:
    """A contract that turned off something else would turn off nothing."""
    asked = {name for conf in load_pipeline("scale").ablations.values() for name in conf}
    assert asked <= set(dags["scale_pipeline"].params)


def test_the_lease_is_armed_before_the_pipeline_starts_and_undone_after_the_strike(dags: dict[str, DAG]) -> None:
    """Steady state, arm, start, strike, recover: in this order."""
    order = ["measure_steady_state", "arm", "start_pipeline", "strike", "recover", "await_landing", "verify_landing"]
    for earlier, later in pairwise(order):
        assert _follows(dags[EXPERIMENT], later, earlier)


def test_recover_is_the_teardown_of_arm_and_fails_the_run(dags: dict[str, DAG]) -> None:
    """A failed undo cannot hide behind a green run."""
    recover = dags[EXPERIMENT].get_task("recover")
    assert dags[EXPERIMENT].get_task("arm").is_setup
    assert recover.is_teardown
    assert recover.on_failure_fail_dagrun
    assert (recover.retries or 0) >= 3


@pytest.mark.parametrize("task_id", ["await_landing", "await_steady_state", "verify_landing", "judge"])
def test_everything_behind_recover_runs_whatever_happened(dags: dict[str, DAG], task_id: str) -> None:
    """An experiment run ends with a verdict even when its strike failed."""
    assert dags[EXPERIMENT].get_task(task_id).trigger_rule == "all_done"


def test_everything_comes_after_the_plan(dags: dict[str, DAG]) -> None:
    """A form that is wrong, and a dry run, end before anything is opened, armed or started."""
    dag = dags[EXPERIMENT]
    assert dag.get_task("plan_strikes").get_flat_relative_ids() == set(dag.task_ids) - {"plan_strikes"}


def test_only_the_dag_has_the_form_and_not_each_task_a_copy(dags: dict[str, DAG]) -> None:
    """Copies would cost half of the parsing."""
    assert "kill_warehouse__stage" in dags[EXPERIMENT].params
    assert all("kill_warehouse__stage" not in task.params for task in dags[EXPERIMENT].tasks)


def test_an_experiments_page_says_what_is_struck_how_far_and_how_it_is_undone(dags: dict[str, DAG]) -> None:
    """From the experiment's own text."""
    page = str(dags[EXPERIMENT].doc_md)
    for part in ("**Hypothesis**: Every row", "kill_warehouse", "50% of the rows", "Lift the hold", "only: warehouse."):
        assert part in page


def test_no_run_is_cut_off_by_a_timeout_that_skips_the_teardown(dags: dict[str, DAG]) -> None:
    """`dagrun_timeout` would end a run without its teardown; tasks have their own bounds instead."""
    for dag in dags.values():
        assert dag.dagrun_timeout is None
        assert all(task.execution_timeout for task in dag.tasks)


@pytest.mark.parametrize("dag_file", ["chaos_experiments", "chaos_campaign", "scale_pipeline", "hourly_orders"])
def test_parsing_imports_nothing_heavy(dag_file: str) -> None:
    """Airflow parses DAG files all the time; clients and engines are imported by the tasks that use them."""
    code = (
        f"import airflow.sdk, sys; before = set(sys.modules); import dags.{dag_file}; print(*set(sys.modules) - before)"
    )
    printed = subprocess.run([sys.executable, "-c", code], cwd=REPO_ROOT, capture_output=True, text=True, check=True)
    imported = {name.split(".")[0] for name in printed.stdout.split()}
    assert imported.isdisjoint(HEAVY), imported & set(HEAVY)
