"""How claims stand, by their latest verdicts."""

import pytest

from include.chaos.model import VerdictValue
from include.chaos.run_overview import Cell, CellExperiment, Overview, overview_experiments
from include.console.standing import Standing, glance, show_cell, stand
from tests.chaos.test_run_overview import newest_first, planned, run

PASSED, FAILED = VerdictValue.PASSED, VerdictValue.FAILED


@pytest.mark.parametrize(
    ("verdict", "expected", "standing"),
    [
        (PASSED, None, Standing.HOLDS),
        (FAILED, None, Standing.BROKEN),
        (VerdictValue.NOT_EXERCISED, None, Standing.UNDECIDED),
        (VerdictValue.INCONCLUSIVE, None, Standing.UNDECIDED),
        (None, None, Standing.UNTRIED),
        (FAILED, FAILED, Standing.HOLDS),
        (PASSED, FAILED, Standing.BROKEN),
        (VerdictValue.NOT_EXERCISED, VerdictValue.NOT_EXERCISED, Standing.HOLDS),
    ],
)
def test_a_claim_stands_as_its_latest_verdict_says(
    verdict: VerdictValue | None, expected: VerdictValue | None, standing: Standing
) -> None:
    """Where failing is expected, failing is as it should be, and passing is not."""
    assert stand(verdict, expected) is standing


def test_a_glance_has_first_what_needs_looking_at() -> None:
    """And counts every claim once."""
    runs = newest_first(run(1), run(2, FAILED, "broken"), run(3, VerdictValue.INCONCLUSIVE, "unclear"))
    experiments = overview_experiments(runs, [planned("untried", ("publish", "kill"))])
    found = glance(Overview(experiments=experiments, runs=3, unread=0, damaged=()))
    assert [line.experiment.experiment_id for line in found.lines] == ["broken", "unclear", "untried", "killed"]
    assert set(found.counts.values()) == {1}
    assert found.sentence == "1 of 4 claims held when they were last put to the test; 1 did not."


def test_one_that_was_closed_without_a_verdict_is_undecided() -> None:
    """It is neither good nor never run."""
    closed = run(1).model_copy(update={"verdict": None})
    found = glance(Overview(experiments=overview_experiments([closed], []), runs=1, unread=0, damaged=()))
    assert found.lines[0].standing is Standing.UNDECIDED
    assert found.lines[0].said == "closed without a verdict"


@pytest.mark.parametrize(
    ("verdicts", "standing", "untried"),
    [
        ([PASSED, FAILED], Standing.BROKEN, 0),
        ([PASSED, VerdictValue.INCONCLUSIVE], Standing.UNDECIDED, 0),
        ([PASSED, None], Standing.HOLDS, 1),
        ([None], Standing.UNTRIED, 1),
    ],
)
def test_a_cell_is_as_good_as_its_worst_claim(
    verdicts: list[VerdictValue | None], standing: Standing, untried: int
) -> None:
    """One that was never run makes it neither good nor bad, and is counted."""
    experiments = tuple(
        CellExperiment(
            experiment_id=f"e{number}", runs=int(verdict is not None), verdict=verdict, expected_verdict=None
        )
        for number, verdict in enumerate(verdicts)
    )
    shown = show_cell(Cell(stage="publish", fault="kill", experiments=experiments))
    assert (shown.standing, shown.untried) == (standing, untried)
    assert ("never run" in shown.said) == bool(untried)


def test_the_usual_recovery_is_that_of_the_runs_before() -> None:
    """So that a slow one stands out."""
    runs = newest_first(*(run(number).model_copy(update={"time_to_recover": float(number)}) for number in range(1, 6)))
    [line] = glance(Overview(experiments=overview_experiments(runs, []), runs=5, unread=0, damaged=())).lines
    assert (line.recovery, line.usual_recovery) == ("5.0 s", "2.5 s")
