"""The trigger form asks for what may differ, refuses what is out of bounds, and changes only what was answered."""

from datetime import timedelta

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from airflow.sdk import Param

from include.chaos.experiment import Experiment, experiment_files, experiment_id_of, load_experiment
from include.chaos.model import FixedCount, PercentOfInstances, StagePoint, StrikePoint, Target, TargetMode
from include.chaos.overrides import StrikeChange, change_experiment
from include.chaos.pipeline import load_pipeline
from include.orchestration.trigger_form import build_params, read_changes

SHIPPED = [experiment_id_of(path) for path in experiment_files()]
KILL = "kill_warehouse"


@pytest.fixture
def experiment() -> Experiment:
    return load_experiment("warehouse_killed_while_landing")


def _form(experiment: Experiment) -> dict[str, Param]:
    return build_params(experiment, load_pipeline(experiment.pipeline))


@pytest.mark.parametrize("experiment_id", SHIPPED)
def test_a_form_that_is_sent_as_it_stands_changes_nothing(experiment_id: str) -> None:
    """Every default is valid, and is what the file says."""
    experiment = load_experiment(experiment_id)
    answers = {name: param.resolve() for name, param in _form(experiment).items()}
    assert read_changes(experiment, answers) == ()
    assert change_experiment(experiment, read_changes(experiment, answers)) is experiment


@pytest.mark.parametrize(
    ("field", "wrong", "reason"),
    [
        ("hold_seconds", 61, "61 is greater than the maximum of 60"),
        ("hold_seconds", -1, "less than the minimum of 0"),
        ("hold_seconds", "long", "not of type 'number'"),
        ("stage", "extract", "not one of"),
        ("moment", "later", "does not match"),
        ("moment", "101%", "does not match"),
        ("mode", "2", "not one of"),
        ("after_seconds", -1, "less than the minimum of 0"),
        ("instances", ["a", "a"], "non-unique"),
    ],
)
def test_a_wrong_value_is_refused_by_the_schema_with_the_reason(
    experiment: Experiment, field: str, wrong: object, reason: str
) -> None:
    """So that Airflow refuses it where it is triggered."""
    param = _form(experiment)[f"{KILL}__{field}"]
    with pytest.raises(jsonschema.ValidationError, match=reason):
        jsonschema.validate(wrong, param.schema)


def test_each_answer_changes_its_own_field(experiment: Experiment) -> None:
    """A moment and a delay make one strike point, with the stage that the file names."""
    answers: dict[str, object] = {
        f"{KILL}__hold_seconds": 2.5,
        f"{KILL}__mode": "one",
        f"{KILL}__moment": "partition_committed",
        f"{KILL}__after_seconds": 1,
        f"{KILL}__instances": ["warehouse"],
    }
    expected = StrikeChange(
        strike=KILL,
        hold_for=timedelta(seconds=2.5),
        mode=TargetMode.ONE,
        instances=("warehouse",),
        strike_point=StrikePoint(
            stage="extract_instruments", failpoint="partition_committed", after=timedelta(seconds=1)
        ),
    )
    assert read_changes(experiment, answers) == (expected,)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("start", {"at": StagePoint.START}),
        ("40%", {"staged_rows": 0.4}),
        ("stage_complete", {"failpoint": "stage_complete"}),
    ],
)
def test_every_kind_of_moment_can_be_asked_for(experiment: Experiment, text: str, point: dict[str, object]) -> None:
    """Start or end, a share of rows, a failpoint."""
    (change,) = read_changes(experiment, {f"{KILL}__moment": text})
    assert change.strike_point == StrikePoint.model_validate({"stage": "extract_instruments", **point})


@pytest.mark.parametrize(
    ("text", "mode"),
    [("2", FixedCount(fixed=2)), ("40%", PercentOfInstances(percent=0.4)), ("one", TargetMode.ONE)],
)
def test_every_kind_of_mode_can_be_asked_for(
    experiment: Experiment, text: str, mode: TargetMode | FixedCount | PercentOfInstances
) -> None:
    """A word, a number, a share."""
    assert read_changes(experiment, {f"{KILL}__mode": text})[0].mode == mode


def test_instances_that_the_file_names_are_the_only_choice(experiment: Experiment) -> None:
    """Narrowing is offered, widening is not."""
    target = Target(component=experiment.strikes[0].target.component, instances=("warehouse",))
    strike = experiment.strikes[0].model_copy(update={"target": target})
    schema = _form(experiment.model_copy(update={"strikes": (strike,)}))[f"{KILL}__instances"].schema
    jsonschema.validate(["warehouse"], schema)
    for wrong in ([], ["another"]):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_strikes_of_one_experiment_have_sections_of_their_own(experiment: Experiment) -> None:
    """With one strike, all fields stand open."""
    assert "section" not in _form(experiment)[f"{KILL}__stage"].schema
    another = experiment.strikes[0].model_copy(update={"name": "another"})
    both = _form(experiment.model_copy(update={"strikes": (*experiment.strikes, another)}))
    assert both[f"{KILL}__stage"].schema["section"] == "Strike kill_warehouse"
    assert both["another__stage"].schema["section"] == "Strike another"
