"""An experiment that needs approval strikes nothing until a person has said so, knowing what will be struck."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.standard.operators import hitl
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, TaskAwaitingInput

from include.chaos.documents import parse_document
from include.chaos.experiment import Approval, Experiment, load_experiment
from include.errors import ConfigurationError
from include.orchestration.approval import AwaitApproval
from include.orchestration.experiment_catalogue import build_experiment_dags
from tests.chaos.agent.world import World, served_in

EXPERIMENT_ID = "warehouse_killed_while_landing"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with served_in(tmp_path, monkeypatch) as made:
        monkeypatch.setenv("AIRFLOW_CONN_CHAOS_AGENT", os.environ["CHAOS_AGENT_URL"].replace("://", "://:token@"))
        yield made


def _asking() -> Experiment:
    changed = {"approval": Approval.REQUIRED, "approve_within": timedelta(minutes=20)}
    return load_experiment(EXPERIMENT_ID).model_copy(update=changed)


def _task() -> AwaitApproval:
    return AwaitApproval(task_id="await_approval", experiment_id=EXPERIMENT_ID, experiment=_asking())


def _dag(folder: Path, *, head: str) -> DAG:
    (folder / "asks.yaml").write_text(head + _text())
    (dag,) = build_experiment_dags([folder / "asks.yaml"])
    return dag


def _text() -> str:
    return load_experiment(EXPERIMENT_ID).to_yaml()


def _answered(option: str) -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {},
        "responded_at": datetime.now(UTC),
        "responded_by_user": {"id": "1", "name": "ada"},
    }


def test_a_person_is_asked_between_the_plan_and_everything_that_touches_something(tmp_path: Path) -> None:
    """Nothing is opened, measured, armed or started before."""
    dag = _dag(tmp_path, head="approval: required\n")
    approval = dag.get_task("await_approval")
    assert "each run waits for a person" in str(dag.doc_md)
    assert approval.upstream_task_ids == {"plan_strikes"}
    assert approval.get_flat_relative_ids() == set(dag.task_ids) - {"plan_strikes", "await_approval"}


def test_an_experiment_that_does_not_ask_for_it_waits_for_nobody(tmp_path: Path) -> None:
    """Its graph is as it was."""
    dag = _dag(tmp_path, head="")
    assert "await_approval" not in dag.task_ids
    assert dag.get_task("measure_steady_state").upstream_task_ids == {"plan_strikes"}


def test_the_request_says_what_will_be_struck_as_the_form_has_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan of a dry run, made when it is asked; then the task waits, for as long as the experiment says."""
    asked: dict[str, Any] = {}
    monkeypatch.setattr(hitl, "upsert_hitl_detail", lambda **told: asked.update(told))
    context: Any = {
        "params": {"kill_warehouse__hold_seconds": 2.5},
        "task_instance": SimpleNamespace(id="ti"),
        "ti": SimpleNamespace(id="ti"),
    }
    with pytest.raises(TaskAwaitingInput) as waiting:
        _task().execute(context)
    assert waiting.value.timeout == timedelta(minutes=20)
    assert asked["subject"] == "Strike scale? The warehouse is killed while rows are landing"
    for part in ("**Hypothesis**: Every row", "Strike `kill_warehouse`", "warehouse (pid 7)", "2.5s", "Lift the hold"):
        assert part in asked["body"]
    assert world.platform.acts == []
    assert world.registry.run_ids() == []


def test_approval_lets_the_run_go_on() -> None:
    """With who said so in the task's result."""
    answer = _task().execute_complete({}, _answered("Approve"))
    assert answer["chosen_options"] == ["Approve"]


def test_a_rejection_fails_the_run_by_name() -> None:
    """Red, and not tried again: skipped tasks would end green."""
    with pytest.raises(AirflowFailException, match="ada rejected it; nothing was struck, and there is no verdict"):
        _task().execute_complete({}, _answered("Reject"))


def test_a_request_that_nobody_answers_expires_with_nothing_struck() -> None:
    """Airflow's scheduler says that the time is over."""
    with pytest.raises(AirflowFailException, match=r"nobody approved it within 1200s; nothing was struck"):
        _task().execute_complete({}, {"error": "timed out", "error_type": "timeout"})


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("approval: requird\n", r"approval: expected 'required', got 'requird'; did you mean 'required'\?"),
        ("approve_within: 10m\n", "approve_within: needs `approval: required`"),
        ("approval: required\napprove_within: 0s\n", "expected some time, such as 30m"),
    ],
)
def test_a_wrong_request_is_refused_where_it_is_written(head: str, said: str) -> None:
    """With the fix."""
    with pytest.raises(ConfigurationError, match=said):
        parse_document(head + _text(), Experiment, source="asks.yaml")
