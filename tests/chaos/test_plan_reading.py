"""An experiment's file is put into words for its report."""

import pytest

from include.chaos.documents import read_document
from include.chaos.experiment import Experiment, experiment_files, load_experiment
from include.chaos.plan_reading import read_plan


def test_the_plan_has_the_claim_the_strike_and_the_probes_in_words() -> None:
    """As the file says them."""
    plan = read_plan(load_experiment("warehouse_killed_while_landing").to_yaml())
    assert plan
    assert plan.claim.startswith("Every row lands exactly once")
    (strike,) = plan.strikes
    assert strike.what.startswith("kill (signal: KILL)")
    assert "50%" in strike.when
    assert [(probe.looks_at, probe.healthy) for probe in plan.probes] == [
        ("sql: query SELECT 1", "equals 1"),
        ("rows_landed: relation filename_instrument", "at least 1"),
    ]


@pytest.mark.parametrize("path", experiment_files(), ids=lambda path: path.stem)
def test_every_experiment_that_ships_can_be_put_into_words(path: object) -> None:
    """With as many strikes, probes and conditions as it has."""
    experiment = read_document(path, Experiment)  # type: ignore[arg-type]  # pytest gives what `experiment_files` does
    plan = read_plan(experiment.to_yaml())
    assert plan
    assert len(plan.strikes) == len(experiment.strikes)
    assert len(plan.probes) == len(experiment.hypothesis.steady_state.probes)
    assert len(plan.abort_when) == len(experiment.abort_when)
    assert all(probe.healthy for probe in plan.probes)


@pytest.mark.parametrize("text", ["", "title: half a file", "]["])
def test_a_file_that_this_version_does_not_know_is_no_plan(text: str) -> None:
    """The report then says that it cannot show the claim."""
    assert read_plan(text) is None
