"""Many runs put together: by experiment, by stage and fault, and page by page."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from include.chaos.model import VerdictValue
from include.chaos.run_overview import (
    MOST_RUNS,
    TREND,
    PlannedExperiment,
    PlannedPoint,
    Wanted,
    cover,
    list_runs,
    overview_experiments,
)
from include.chaos.run_summary import RunSummary, StrikeSummary
from tests.chaos import journals

PASSED, FAILED, INCONCLUSIVE = VerdictValue.PASSED, VerdictValue.FAILED, VerdictValue.INCONCLUSIVE


def run(
    number: int, verdict: VerdictValue | None = PASSED, experiment_id: str = "killed", fault: str = "kill"
) -> RunSummary:
    """Give a run; one without a verdict goes on."""
    began = journals.START + timedelta(hours=number)
    return RunSummary(
        experiment_run_id=f"{experiment_id}__{number}",
        experiment_id=experiment_id,
        title="It survives",
        pipeline="scale",
        dag_id="scale_pipeline",
        dag_run_id=f"chaos__{experiment_id}__{number}",
        opened_at=began,
        last_entry_at=began,
        entries=9,
        is_closed=verdict is not None,
        verdict=verdict,
        expected_verdict=None,
        reason=None,
        strikes=(StrikeSummary(strike="strike", stage="publish", fault=fault, is_struck=True),),
        time_to_recover=2.0,
        time_to_land=None,
    )


def planned(experiment_id: str, *points: tuple[str, str]) -> PlannedExperiment:
    return PlannedExperiment(
        experiment_id=experiment_id,
        title="It survives",
        pipeline="scale",
        expected_verdict=None,
        points=tuple(PlannedPoint(stage=stage, fault=fault) for stage, fault in points),
    )


def newest_first(*runs: RunSummary) -> list[RunSummary]:
    return sorted(runs, key=lambda run: run.opened_at, reverse=True)


def test_an_experiment_tells_its_latest_runs_and_counts_all() -> None:
    """The trend is short however many there are."""
    runs = newest_first(*(run(number, FAILED if number % 5 == 0 else PASSED) for number in range(40)))
    [found] = overview_experiments(runs, [])
    assert (found.runs, len(found.latest)) == (40, TREND)
    assert (found.verdicts[PASSED], found.verdicts[FAILED]) == (32, 8)
    assert found.latest[0].experiment_run_id == "killed__39"


def test_an_experiment_that_was_never_run_is_there_all_the_same() -> None:
    """So that nobody takes what was not tried for what holds."""
    found = overview_experiments(
        [run(1)], [planned("killed", ("publish", "kill")), planned("paused", ("publish", "pause"))]
    )
    assert [(one.experiment_id, one.runs, one.last) for one in found][1] == ("paused", 0, None)


def test_an_experiment_without_its_file_is_marked() -> None:
    """Its runs stay, with what they say themselves."""
    [found] = overview_experiments([run(1)], [])
    assert not found.is_planned
    assert [(point.stage, point.fault) for point in found.points] == [("publish", "kill")]


def test_a_run_that_goes_on_is_not_the_last_verdict() -> None:
    """That is of the run before it."""
    [found] = overview_experiments(newest_first(run(1, FAILED), run(2, None)), [])
    assert found.open_run
    assert found.open_run.experiment_run_id == "killed__2"
    assert found.last
    assert found.last.verdict is FAILED


def test_coverage_has_a_cell_for_each_point_that_anything_is_planned_for() -> None:
    """Stages in the pipeline's order, those that it has lost at the end; a cell that was never run has no verdict."""
    plans = [planned("killed", ("publish", "kill"), ("old_stage", "kill")), planned("paused", ("extract", "pause"))]
    experiments = overview_experiments([run(1, FAILED)], plans)
    [found] = cover(experiments, {"scale": ["extract", "score", "publish"]}, ["kill", "pause", "reset"]).pipelines
    assert found.stages == ("extract", "score", "publish", "old_stage")
    cells = {
        (cell.stage, cell.fault): [(one.experiment_id, one.verdict) for one in cell.experiments] for cell in found.cells
    }
    assert cells == {
        ("publish", "kill"): [("killed", FAILED)],
        ("old_stage", "kill"): [("killed", FAILED)],
        ("extract", "pause"): [("paused", None)],
    }


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [4, 3, 2, 1]),
        ({"experiment_id": "paused"}, [4]),
        ({"verdict": FAILED}, [2]),
        ({"stage": "publish", "fault": "pause"}, [4]),
        ({"stage": "extract"}, []),
        ({"pipeline": "orders"}, []),
        ({"offset": 1, "limit": 2}, [3, 2]),
        ({"offset": 9}, []),
    ],
)
def test_a_list_holds_what_was_wanted(wanted: dict[str, object], numbers: list[int]) -> None:
    """Newest first, a page of it, and how many there are in all."""
    runs = newest_first(run(1), run(2, FAILED), run(3), run(4, experiment_id="paused", fault="pause"))
    page = list_runs(runs, Wanted.model_validate(wanted), unread=0)
    assert [one.opened_at for one in page.runs] == [journals.START + timedelta(hours=number) for number in numbers]
    assert page.total == (len(numbers) if "offset" not in wanted else 4)


@pytest.mark.parametrize("wrong", [{"limit": MOST_RUNS + 1}, {"limit": 0}, {"offset": -1}, {"verdict": "great"}])
def test_a_list_is_never_endless(wrong: dict[str, object]) -> None:
    """Whoever asks for too much is refused."""
    with pytest.raises(ValidationError):
        Wanted.model_validate(wrong)
