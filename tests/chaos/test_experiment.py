"""What an experiment file may say together; what it may not is refused before anything is touched."""

import pytest

from include.chaos.documents import parse_document
from include.chaos.experiment import Experiment, load_experiment
from include.chaos.model import FixedCount, PercentOfInstances, TargetMode, VerdictValue
from include.errors import ConfigurationError

FILE = """
title: t
description: d
pipeline: scale
hypothesis:
  title: h
  steady_state: {probes: [{name: answers, kind: sql, query: SELECT 1, tolerance: {equals: 1}, every: 1s}]}
strikes:
  - name: first
    fault: {kind: kill}
    target: {component: spark_worker, exclude: [spark_worker_1], mode: MODE}
    strike_point: {stage: extract_instruments, at: start}
    hold_for: 5s
  - name: second
    fault: {kind: noop}
    target: {component: warehouse}
    strike_point: {stage: extract_instruments, at: end, after: 250ms}
abort_when:
  - {probe: answers, out_of_tolerance_for: 20s}
  - {after: 1m}
blast_radius: {max_targets: 3, max_share: 50%, max_duration: 10s, allowed_targets: [spark_worker, warehouse]}
guardrails: {forbidden_while: [month_end]}
seed: "7"
expected_verdict: failed
"""


def _read(old: str = "", new: str = "", mode: str = "one") -> Experiment:
    assert old in FILE
    return parse_document(FILE.replace(old, new).replace("MODE", mode), Experiment, source="file")


@pytest.mark.parametrize(
    ("written", "mode"),
    [
        ("one", TargetMode.ONE),
        ("all", TargetMode.ALL),
        ("{fixed: 2}", FixedCount(fixed=2)),
        ("{percent: 40%}", PercentOfInstances(percent=0.4)),
    ],
)
def test_a_mode_is_written_as_people_say_it(written: str, mode: object) -> None:
    """One, all, a fixed number or a percentage; what is not said is all."""
    experiment = _read(mode=written)
    assert experiment.strikes[0].target.mode == mode
    assert experiment.strikes[1].target.mode is TargetMode.ALL


def test_what_is_read_is_written_and_read_back_equal() -> None:
    """The journal keeps the whole experiment as YAML, and the agent's successor reads it from there."""
    experiment = _read(mode="{percent: 40%}")
    assert parse_document(experiment.to_yaml(), Experiment, source="journal") == experiment
    assert experiment.expected_verdict is VerdictValue.FAILED


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: second", "name: first", "more than once"),
        ("probe: answers,", "probe: nobody,", "no probe 'nobody'"),
        ("out_of_tolerance_for: 20s", "out_of_tolerance_for: 1s", "at least twice that"),
        ("{after: 1m}", "{after: 1m, probe: answers}", "expected either"),
        ("allowed_targets: [spark_worker, warehouse]", "allowed_targets: [spark_worker]", "targets warehouse"),
        ("hold_for: 5s", "hold_for: 11s", "holds longer"),
        ("at: start", "staged_rows: 40%, at: start", "exactly one of"),
        ("forbidden_while: [month_end]", "forbidden_while: [../month_end]", "pattern"),
        ('seed: "7"', "repeat: 0", "repeat: .*greater than or equal to 1"),
        ('seed: "7"', "repeat: often", "repeat: "),
    ],
)
def test_what_does_not_fit_together_is_refused(old: str, new: str, said: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(ConfigurationError, match=said):
        _read(old, new)


def test_the_control_plane_is_a_target_only_for_those_who_say_so() -> None:
    """What conducts experiments is not struck by mistake."""
    old, new = "component: warehouse", "component: control_db"
    reaching = FILE.replace(old, new).replace("[spark_worker, warehouse]", "[spark_worker, control_db]")
    text = reaching.replace("MODE", "one")
    with pytest.raises(ConfigurationError, match="allow_control_plane: true"):
        parse_document(text, Experiment, source="file")
    allowed = text.replace("guardrails: {", "guardrails: {allow_control_plane: true, ")
    assert parse_document(allowed, Experiment, source="file").guardrails.allow_control_plane


def test_the_node_of_the_control_plane_is_a_target_only_for_those_who_say_so() -> None:
    """Other nodes are there to be lost; so is that one for those who name it and say so."""
    losing = FILE.replace("MODE", "one").replace("{kind: noop}", "{kind: lose_node}")
    losing = losing.replace("[spark_worker, warehouse]", "[spark_worker, node]")
    parse_document(losing.replace("component: warehouse", "component: node"), Experiment, source="file")
    text = losing.replace("component: warehouse", "component: node, instances: [control]")
    with pytest.raises(ConfigurationError, match="allow_control_plane: true"):
        parse_document(text, Experiment, source="file")
    allowed = text.replace("guardrails: {", "guardrails: {allow_control_plane: true, ")
    assert parse_document(allowed, Experiment, source="file").strikes[1].target.reaches_control_plane


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("lose_node", "component: node"),
        ("clear_running_task", "leave hold_for out"),
        ("duplicate_run", "component: pipeline_run"),
        ("pool_exhaustion", "component: airflow_pool"),
        ("task_failure", "component: pipeline"),
        ("task_zombie", "component: airflow_task"),
    ],
)
def test_a_kind_that_is_made_for_one_component_refuses_others(kind: str, said: str) -> None:
    """While the file is read, not while the pipeline runs."""
    with pytest.raises(ConfigurationError, match=said):
        _read("{kind: kill}", f"{{kind: {kind}}}")


@pytest.mark.parametrize("kind", ["slow_process", "task_zombie"])
def test_what_only_matters_while_it_lasts_needs_a_hold(kind: str) -> None:
    """Without one nothing would be seen."""
    with pytest.raises(ConfigurationError, match="with hold_for"):
        parse_document(
            FILE.replace("MODE", "one").replace("{kind: kill}", f"{{kind: {kind}}}").replace("    hold_for: 5s\n", ""),
            Experiment,
            source="file",
        )


def test_the_null_experiment_expects_to_be_not_exercised() -> None:
    """It ships, and it names its own verdict."""
    assert load_experiment("null").expected_verdict is VerdictValue.NOT_EXERCISED


def test_an_experiment_is_run_once_unless_it_says_how_often() -> None:
    """What is not said is one run."""
    assert _read().repeat == 1
    assert _read('seed: "7"', "repeat: 20").repeat == 20
