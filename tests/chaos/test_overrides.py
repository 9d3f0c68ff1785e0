"""One run's changes stay within what the experiment's file allows, and are validated as a whole."""

from datetime import timedelta

import pytest

from include.chaos.documents import parse_document
from include.chaos.experiment import Experiment, load_experiment
from include.chaos.model import BlastRadius, FixedCount, StagePoint, StrikePoint, Target, TargetMode, VerdictValue
from include.chaos.overrides import StrikeChange, change_experiment
from include.errors import ConfigurationError

KILL = "kill_worker"


@pytest.fixture
def experiment() -> Experiment:
    """One of two named workers is killed; two may be."""
    shipped = load_experiment("worker_killed")
    target = Target(
        component=shipped.strikes[0].target.component,
        instances=("spark_worker_1", "spark_worker_2"),
        mode=TargetMode.ONE,
    )
    strike = shipped.strikes[0].model_copy(update={"target": target})
    radius = BlastRadius(**{**shipped.blast_radius.model_dump(), "max_targets": 2})
    return shipped.model_copy(
        update={"strikes": (strike,), "blast_radius": radius, "expected_verdict": VerdictValue.FAILED}
    )


def test_no_change_is_the_experiment_itself(experiment: Experiment) -> None:
    """What nobody changes stays, the expected verdict too."""
    assert change_experiment(experiment, ()) is experiment


def test_a_change_changes_what_it_names_and_nothing_else(experiment: Experiment) -> None:
    """The rest of the strike is the file's, and the author's expectation is dropped."""
    point = StrikePoint(stage="score_similarity", at=StagePoint.START)
    change = StrikeChange(
        strike=KILL, hold_for=timedelta(seconds=5), strike_point=point, mode=FixedCount(fixed=2), instances=()
    )
    with pytest.raises(ConfigurationError, match="no instances would mean all"):
        change_experiment(experiment, (change,))
    changed = change_experiment(experiment, (change.model_copy(update={"instances": None}),))
    expected = experiment.strikes[0].model_copy(
        update={
            "hold_for": timedelta(seconds=5),
            "strike_point": point,
            "target": experiment.strikes[0].target.model_copy(update={"mode": FixedCount(fixed=2)}),
        }
    )
    assert changed == experiment.model_copy(update={"strikes": (expected,), "expected_verdict": None})


def test_a_changed_experiment_reads_back_from_the_yaml_that_the_journal_holds(experiment: Experiment) -> None:
    """So that the verdict can be computed from the journal alone."""
    changed = change_experiment(experiment, (StrikeChange(strike=KILL, hold_for=timedelta(seconds=7)),))
    assert parse_document(changed.to_yaml(), Experiment, source="journal") == changed


def test_a_hold_beyond_the_blast_radius_is_refused(experiment: Experiment) -> None:
    """The file's blast radius bounds every run."""
    with pytest.raises(ConfigurationError, match="holds longer than blast_radius"):
        change_experiment(experiment, (StrikeChange(strike=KILL, hold_for=timedelta(hours=1)),))


def test_instances_that_the_file_does_not_name_are_refused(experiment: Experiment) -> None:
    """Who names instances means those; a run may narrow them, not widen."""
    narrowed = change_experiment(experiment, (StrikeChange(strike=KILL, instances=("spark_worker_2",)),))
    assert narrowed.strikes[0].target.instances == ("spark_worker_2",)
    with pytest.raises(ConfigurationError, match="spark_worker_3 is not among"):
        change_experiment(experiment, (StrikeChange(strike=KILL, instances=("spark_worker_3",)),))


def test_more_instances_than_the_blast_radius_allows_are_refused(experiment: Experiment) -> None:
    """Before anybody looks for instances."""
    with pytest.raises(ConfigurationError, match=r"3 instances are more than blast_radius\.max_targets, 2"):
        change_experiment(experiment, (StrikeChange(strike=KILL, mode=FixedCount(fixed=3)),))


def test_a_strike_that_the_file_does_not_have_cannot_be_changed(experiment: Experiment) -> None:
    """A change never adds a strike."""
    with pytest.raises(ConfigurationError, match="no 'other'; there are: kill_worker"):
        change_experiment(experiment, (StrikeChange(strike="other", hold_for=timedelta(0)),))
