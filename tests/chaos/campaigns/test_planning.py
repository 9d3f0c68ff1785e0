"""The matrix is laid out repeat by repeat, and every run has a name that is derived from what it is."""

import pytest

from include.chaos.campaigns.campaign import Campaign
from include.chaos.campaigns.matrix import cell_dag_run_id, cell_run_id
from include.errors import ConfigurationError
from include.orchestration.names import experiment_run_id
from tests.chaos.campaigns import made

MATRIX = Campaign.model_validate(
    {
        "title": "A night",
        "experiments": [
            {
                "experiment": "warehouse-killed-while-landing",
                "repeats": 2,
                "strike_points": [
                    {"stage": "extract_instruments", "staged_rows": "50%", "after": "2s"},
                    {"stage": "score_similarity", "at": "start"},
                ],
            },
            {"experiment": "task_killed_while_loading"},
        ],
        "pipeline_conf": {"scale": {"prefix": "a/"}},
    }
)


def test_every_case_comes_once_before_any_comes_again() -> None:
    """What is cut off early has seen as much as it could."""
    seen = [(cell.experiment_id, cell.point_label, cell.repeat) for cell in made.plan(MATRIX).cells]
    killed = "warehouse_killed_while_landing"
    assert seen == [
        (killed, "extract_instruments 50% + 2s", 1),
        (killed, "score_similarity start", 1),
        ("task_killed_while_loading", "as in file", 1),
        (killed, "extract_instruments 50% + 2s", 2),
        (killed, "score_similarity start", 2),
    ]


def test_a_plan_that_is_made_again_has_the_same_runs() -> None:
    """So a campaign that goes on finds what it has done."""
    first, second = made.plan(MATRIX), made.plan(MATRIX)
    runs = [cell_dag_run_id(first.campaign_id, cell) for cell in first.cells]
    assert runs == [cell_dag_run_id(second.campaign_id, cell) for cell in second.cells]
    assert len({cell_run_id(first.campaign_id, cell) for cell in first.cells}) == len(first.cells)


def test_a_cells_run_is_called_what_its_dag_calls_it() -> None:
    """The journal is found by that name."""
    plan = made.plan(MATRIX)
    for cell in plan.cells:
        dag_run_id = cell_dag_run_id(plan.campaign_id, cell)
        assert cell_run_id(plan.campaign_id, cell) == experiment_run_id(cell.experiment_id, dag_run_id)


def test_a_cell_strikes_where_its_point_says_with_what_the_file_says() -> None:
    """That is the field of the heat map."""
    places = [[(place.stage, place.fault) for place in cell.places] for cell in made.plan(MATRIX).cells]
    assert places[:3] == [[("extract_instruments", "kill")], [("score_similarity", "kill")], [("load_orders", "kill")]]


def test_only_the_pipelines_own_parameters_go_with_a_cell() -> None:
    """Another pipeline has no use for them."""
    assert [cell.pipeline_conf for cell in made.plan(MATRIX).cells[1:3]] == [{"prefix": "a/"}, {}]


def test_a_run_that_could_not_be_named_is_refused() -> None:
    """Before the first of them is begun."""
    with pytest.raises(ConfigurationError, match="expected at most 200: give the campaign's file, or the DAG run"):
        made.plan(MATRIX, campaign_id="x" * 190)
