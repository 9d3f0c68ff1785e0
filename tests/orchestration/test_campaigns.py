"""A campaign is planned once, conducts each cell once, and is scored; each of it may be interrupted anywhere."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, DagRunTriggerException, TaskDeferred

from include.chaos import events as e
from include.chaos.agent.run_status import OpenRequest
from include.chaos.experiment import load_experiment
from include.chaos.model import VerdictValue
from include.errors import ConfigurationError
from include.orchestration import campaign_tasks, experiment_tasks
from include.orchestration.campaign_form import build_campaign_params, read_campaign_form, read_point
from include.orchestration.cell_operator import ConductCell
from include.orchestration.names import experiment_run_id
from include.settings import REPO_ROOT
from tests.chaos.agent.world import World, served_in

DAG_RUN_ID = "manual__1"
NULL = {"experiments": ["null"], "repeats": 2}


@pytest.fixture(scope="module")
def dag() -> DAG:
    bag = DagBag(REPO_ROOT / "dags" / "chaos_campaign.py")
    assert bag.import_errors == {}
    return bag.dags["chaos_campaign"]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with served_in(tmp_path, monkeypatch) as made:
        monkeypatch.setenv("AIRFLOW_CONN_CHAOS_AGENT", os.environ["CHAOS_AGENT_URL"].replace("://", "://:token@"))
        yield made


def _conduct(world: World, asked: dict[str, Any], verdict: VerdictValue) -> None:
    """Play the experiment's DAG: open the cell's run, and close it with a verdict."""
    run_id = experiment_run_id(asked["experiment_id"], asked["trigger_run_id"])
    experiment = load_experiment(asked["experiment_id"])
    world.registry.open(
        OpenRequest(
            experiment_run_id=run_id,
            experiment_id=asked["experiment_id"],
            experiment=experiment,
            dag_run_id=f"chaos__{run_id}",
        )
    )
    world.registry.close(run_id, e.VerdictReached(verdict=verdict, reasons=("As played.",), judged_until=1))


def _context(*, active: int = 0) -> Any:  # noqa: ANN401  # Airflow's context, of which the task asks this much
    return {
        "ti": SimpleNamespace(
            get_dr_count=lambda dag_id, run_ids, states: active,
            get_dag=lambda dag_id: SimpleNamespace(is_paused=False),
        )
    }


def test_cells_are_planned_conducted_one_at_a_time_and_scored(dag: DAG) -> None:
    """The scorecard comes whatever became of the cells, and a deferred cell still counts as one."""
    for earlier, later in pairwise(["plan_cells", "conduct_cell", "publish_scorecard"]):
        assert earlier in dag.get_task(later).get_flat_relative_ids(upstream=True)
    cell = dag.get_task("conduct_cell")
    assert cell.is_mapped
    assert cell.max_active_tis_per_dag == 1
    assert dag.max_active_runs == 1
    assert dag.get_task("publish_scorecard").trigger_rule == "all_done"


def test_a_cell_survives_what_its_experiment_strikes(dag: DAG) -> None:
    """Tries are cheap, for each finds the run again."""
    assert (dag.get_task("conduct_cell").retries or 0) >= 10


def test_a_campaign_goes_on_with_the_plan_that_it_was_begun_with(world: World) -> None:
    """Cleared, or started again by its id: the same runs, whatever the form says then."""
    campaign, cells = campaign_tasks.plan(DAG_RUN_ID, NULL)
    assert campaign == f"by_form__{DAG_RUN_ID}"
    assert len({cell["trigger_run_id"] for cell in cells}) == 2
    assert campaign_tasks.plan(DAG_RUN_ID, {**NULL, "repeats": 3}) == (campaign, cells)
    assert campaign_tasks.plan("manual__2", {"resume": campaign}) == (campaign, cells)
    assert world.registry.campaigns.get(campaign).plan.name == "by_form"


def test_a_cells_form_asks_the_experiment_for_the_point_of_the_matrix(world: World) -> None:
    """What the experiment's own tasks then read from it."""
    experiment_id = "warehouse_killed_while_landing"
    asked = {"experiments": [experiment_id], "strike_points": ["publish@relations_shown", "extract_instruments@40%"]}
    _, cells = campaign_tasks.plan(DAG_RUN_ID, {**asked, "pipeline_conf": {"scale": {"prefix": "a/"}}})
    points = [experiment_tasks._as_answered(experiment_id, cell["conf"]).strikes[0].strike_point for cell in cells]
    assert [(point.stage, point.failpoint, point.staged_rows) for point in points] == [
        ("publish", "relations_shown", None),
        ("extract_instruments", None, 0.4),
    ]
    assert cells[0]["conf"]["pipeline_conf"] == {"prefix": "a/"}
    assert world.registry.run_ids() == []


def test_a_cell_without_a_run_is_started_under_its_derived_id(world: World) -> None:
    """And waited for, to whatever end it comes to."""
    _, (asked, _) = campaign_tasks.plan(DAG_RUN_ID, NULL)
    with pytest.raises(DagRunTriggerException) as started:
        ConductCell(task_id="cell", **asked).execute(_context())
    assert (started.value.trigger_dag_id, started.value.dag_run_id) == ("chaos__null", asked["trigger_run_id"])
    assert started.value.deferrable
    assert started.value.reset_dag_run
    assert {str(state) for state in started.value.allowed_states} == {"success", "failed"}
    assert list(started.value.failed_states) == []


def test_a_cell_that_still_runs_is_waited_for_and_not_started_again(world: World) -> None:
    """The campaign was interrupted, its experiment was not."""
    _, (asked, _) = campaign_tasks.plan(DAG_RUN_ID, NULL)
    with pytest.raises(TaskDeferred) as waiting:
        ConductCell(task_id="cell", **asked).execute(_context(active=1))
    assert waiting.value.trigger.serialize()[1]["run_ids"] == [asked["trigger_run_id"]]


def test_a_cell_with_a_verdict_is_not_run_again(world: World) -> None:
    """Also a bad one: it was measured."""
    _, (first, second) = campaign_tasks.plan(DAG_RUN_ID, NULL)
    _conduct(world, first, VerdictValue.FAILED)
    ConductCell(task_id="cell", **first).execute(_context())
    with pytest.raises(DagRunTriggerException):
        ConductCell(task_id="cell", **second).execute(_context())


def test_a_cell_whose_run_was_cut_off_goes_on(world: World) -> None:
    """It was opened, and has no verdict; its DAG's run is cleared."""
    _, (asked, _) = campaign_tasks.plan(DAG_RUN_ID, NULL)
    run_id = experiment_run_id("null", asked["trigger_run_id"])
    experiment_tasks.measure(run_id, "null", {})
    assert not campaign_tasks.has_verdict(run_id)
    with pytest.raises(DagRunTriggerException) as started:
        ConductCell(task_id="cell", **asked).execute(_context())
    assert started.value.reset_dag_run


def test_a_campaign_is_scored_by_what_the_agent_has_kept_and_kept_itself(world: World) -> None:
    """A cell that never ran is without a verdict; scored again after it has, it counts."""
    campaign, (first, second) = campaign_tasks.plan(DAG_RUN_ID, NULL)
    _conduct(world, first, VerdictValue.PASSED)
    card = campaign_tasks.score(campaign)
    assert (card.resilience_score, card.without_verdict, card.exit_code) == (1.0, 1, 4)
    with pytest.raises(AirflowFailException, match="something was not measured"):
        campaign_tasks.tell(card)
    _conduct(world, second, VerdictValue.PASSED)
    card = campaign_tasks.score(campaign)
    campaign_tasks.tell(card)
    assert card.exit_code == 0
    end = world.registry.campaigns.get(campaign).end
    assert end is not None
    assert end.outcomes == card.outcomes


def test_a_campaign_is_compared_with_the_last_one(world: World) -> None:
    """Regressions are named, and fail the run."""
    for dag_run_id, verdict in (("manual__1", VerdictValue.PASSED), ("manual__2", VerdictValue.FAILED)):
        campaign, (asked,) = campaign_tasks.plan(dag_run_id, {"experiments": ["null"]})
        _conduct(world, asked, verdict)
        card = campaign_tasks.score(campaign)
    assert card.compared is not None
    assert card.compared.regressions == ("null at as in file",)
    assert card.exit_code == 5


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "expected either `campaign` or some `experiments`, got neither"),
        ({"campaign": "smoke", "experiments": ["null"]}, "got both"),
        ({"campaign": "smoke", "repeats": 2}, "are in its file"),
        ({"experiments": ["null"], "strike_points": ["publish@landed"]}, "no failpoint 'landed'"),
        ({"experiments": ["null"], "strike_points": ["publish"]}, "expected `stage@moment`"),
        ({"campaign": "smoke", "pipeline_conf": {"scala": {}}}, "did you mean 'scale'"),
        ({"resume": "by_form__lost"}, "`chaos-control campaign list` names those there are"),
    ],
)
def test_a_wrong_form_is_refused_with_the_reason(world: World, answers: dict[str, Any], said: str) -> None:
    """Nothing is begun, and nothing kept."""
    with pytest.raises(AirflowFailException, match=said):
        campaign_tasks.plan(DAG_RUN_ID, answers)
    assert world.registry.campaigns.all() == ()


def test_the_forms_defaults_are_valid_and_ask_for_nothing() -> None:
    """So that only what was filled in is run."""
    answers = {name: param.resolve() for name, param in build_campaign_params().items()}
    with pytest.raises(ConfigurationError, match="got neither"):
        read_campaign_form(answers)


def test_airflow_refuses_what_the_form_does_not_offer() -> None:
    """By the fields' schemas."""
    params = build_campaign_params()
    for field, wrong in (("campaign", "nightly"), ("experiments", ["nil"]), ("repeats", 0), ("strike_points", ["x"])):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, params[field].schema)


@pytest.mark.parametrize("text", ["publish@120%", "publish@x%", "@start", "publish@"])
def test_a_moment_that_is_none_is_refused(text: str) -> None:
    """With what was written."""
    with pytest.raises(ConfigurationError, match="strike point"):
        read_point(text)
