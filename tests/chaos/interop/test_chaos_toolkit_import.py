"""Chaos Toolkit experiments become ours; what has no equal is named, never dropped, and no secret is shown."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer
from chaoslib.experiment import ensure_experiment_is_valid
from chaoslib.loader import load_experiment as load_foreign_experiment
from typer.testing import CliRunner

from include.chaos.documents import parse_document
from include.chaos.experiment import Experiment
from include.chaos.faults.kill import Kill
from include.chaos.faults.noop import Noop
from include.chaos.faults.python import Python
from include.chaos.interop.chaos_toolkit_experiment import Activity, read_chaos_toolkit_experiment
from include.chaos.interop.chaos_toolkit_import import ImportedExperiment, Place, import_experiment
from include.chaos.interop.no_equal import NoEqualError
from include.chaos.interop.tolerance_import import import_tolerance
from include.chaos.interop_commands import import_file
from include.chaos.model import Component, TargetMode
from include.chaos.probes.command import CommandProbe
from include.chaos.probes.http import HttpProbe
from include.errors import ConfigurationError

EXPERIMENTS = Path(__file__).parent / "experiments"
FILES = sorted(EXPERIMENTS.iterdir())
TARGETS = {
    "redis-server": Component.OBJECT_STORE,
    "app=orders": Component.SPARK_WORKER,
    "pg-primary": Component.WAREHOUSE,
    "pg-standby-1": Component.WAREHOUSE,
}

app = typer.Typer()
app.command()(import_file)


def _import(name: str, targets: dict[str, Component] | None = None) -> ImportedExperiment:
    place = Place(pipeline="scale", stage="extract_instruments", targets=TARGETS if targets is None else targets)
    return import_experiment(read_chaos_toolkit_experiment(EXPERIMENTS / name), place)


def _unmapped(imported: ImportedExperiment) -> str:
    return "\n".join(map(str, imported.unmapped))


@pytest.fixture
def _their_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the validator what it looks for: the programs on the path, and the Kubernetes extension's functions."""
    for program in ("pkill", "docker", "pg_isready", "systemctl"):
        (tmp_path / program).touch(mode=0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DASHBOARD_URL", "http://dashboard.example")

    def terminate_pods(*, label_selector: str, ns: str, qty: int, grace_period: int) -> None: ...
    def pods_in_phase(*, label_selector: str, phase: str, secrets: object) -> None: ...

    for name, function in (("actions", terminate_pods), ("probes", pods_in_phase)):
        module = ModuleType(f"chaosk8s.pod.{name}")
        setattr(module, function.__name__, function)
        monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.usefixtures("_their_world")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_examples_are_experiments_to_the_official_library(file: Path) -> None:
    """What is imported here is what the Chaos Toolkit itself accepts."""
    ensure_experiment_is_valid(load_foreign_experiment(str(file)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_example_becomes_an_experiment_that_reads_back_equal(file: Path) -> None:
    """The YAML with its comments is one of our experiments."""
    imported = _import(file.name)
    assert parse_document(imported.to_yaml(file.name), Experiment, source=file.name) == imported.experiment


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_step_is_there_or_named(file: Path) -> None:
    """Each probe, action and rollback, by its name, is a probe or a strike of ours, or said to have no equal."""
    imported = _import(file.name)
    theirs = read_chaos_toolkit_experiment(file)
    ours = {probe.name for probe in imported.experiment.hypothesis.steady_state.probes}
    said = _unmapped(imported)
    assert theirs.steady_state_hypothesis is not None
    for probe in theirs.steady_state_hypothesis.probes:
        assert (probe.name in ours) != (f"probe {probe.name!r}:" in said), probe.name
    actions = [step for step in theirs.method if getattr(step, "type", "") == "action"]
    assert len(imported.experiment.strikes) == len(actions)
    for step in theirs.rollbacks:
        assert f"rollbacks, {getattr(step, 'name', '')!r}" in said


def test_http_probes_keep_address_query_timeout_and_tolerance() -> None:
    """A status and a text are looked at as theirs were."""
    answers, payment = _import("web-shop-without-cache.json").experiment.hypothesis.steady_state.probes
    assert isinstance(answers, HttpProbe)
    assert isinstance(payment, HttpProbe)
    assert (answers.address, answers.path, answers.patience) == ("shop.example:8080", "/checkout?probe=1", 8)
    assert answers.tolerance.accepts(200)
    assert not answers.tolerance.accepts(500)
    assert (payment.address, payment.scheme, payment.path) == ("shop.example:443", "https", "/health?deep=yes")
    assert payment.tolerance.accepts('{"status": "up"}')
    assert not payment.tolerance.accepts('{"status": "down"}')


def test_an_action_that_kills_becomes_a_kill_delayed_by_the_pauses_before_it() -> None:
    """`pkill -9` is SIGKILL, `docker stop` is SIGTERM; a strike comes as late after the stage's start as theirs did."""
    [redis] = _import("web-shop-without-cache.json").experiment.strikes
    assert (redis.name, redis.fault, redis.target.component) == (
        "redis_ends_abruptly",
        Kill(signal="KILL"),
        "object_store",
    )
    assert redis.strike_point.after.total_seconds() == 5
    primary, standby = _import("postgres-primary-stops.json").experiment.strikes
    assert [strike.fault for strike in (primary, standby)] == [Kill(signal="TERM"), Kill(signal="KILL")]
    assert standby.strike_point.after.total_seconds() == 20
    [pod] = _import("orders-lose-a-pod.yaml").experiment.strikes
    assert (pod.fault, pod.target.mode) == (Kill(signal="KILL"), TargetMode.ONE)


def test_configuration_in_the_file_is_put_in_and_what_only_run_time_knows_is_named() -> None:
    """`${region}` and `${orders_port}` have values; `dashboard_url` is in their environment, so its probe is named."""
    imported = _import("orders-lose-a-pod.yaml")
    [probe] = imported.experiment.hypothesis.steady_state.probes
    assert imported.experiment.title == "Orders of north survive the loss of a pod"
    assert isinstance(probe, HttpProbe)
    assert probe.address == "orders.example:8443"
    assert [probe.tolerance.accepts(status) for status in (200, 202, 204)] == [True, False, True]
    said = _unmapped(imported)
    assert "dashboard-is-green': it needs dashboard_url, known only at run time" in said
    for name in ("controls", "contributions", "background", "'KUBERNETES_CONTEXT'", "all-pods-run': it needs secrets"):
        assert name in said


def test_a_place_in_a_json_body_is_looked_at_by_its_path() -> None:
    """A JSON path with one expected value, alone or as a list of one, is ours too."""
    for expect in ("up", ["up"]):
        path = {"type": "jsonpath", "path": "$.components[0].status", "expect": expect, "target": "body"}
        imported = import_tolerance(path)  # type: ignore[arg-type]  # as JSON would give it
        assert imported.target == "body"
        assert imported.tolerance.accepts('{"components": [{"status": "up"}]}')
        assert not imported.tolerance.accepts('{"components": [{"status": "down"}]}')


def test_commands_are_run_without_a_shell_and_those_that_need_one_are_named() -> None:
    """Arguments as an object or a plain text become a list; a pipe has no equal."""
    imported = _import("postgres-primary-stops.json")
    ready, says = imported.experiment.hypothesis.steady_state.probes
    assert isinstance(ready, CommandProbe)
    assert isinstance(says, CommandProbe)
    assert ready.command == ("pg_isready", "--host", "db.example", "--quiet")
    assert says.command == ("pg_isready", "--host", "db.example", "--port", "5432")
    assert says.tolerance.accepts("db.example:5432 - accepting connections")
    assert "counts-members': its arguments are for a shell" in _unmapped(imported)
    assert "who-is-primary'" in _unmapped(imported)


def test_an_action_without_an_equal_becomes_a_noop_and_is_named() -> None:
    """A place is kept for it, with a fault whose verdict is never a pass."""
    imported = _import("report-file-vanishes.yaml")
    [strike] = imported.experiment.strikes
    assert (strike.name, strike.fault) == ("remove_the_report", Noop())
    assert (
        "action 'Remove the report!': it calls the Python function os.remove; a noop stands in its place"
        in _unmapped(imported)
    )
    assert "pauses after the last action: 30 s" in _unmapped(imported)


def test_a_python_action_that_rollbacks_undo_becomes_calls() -> None:
    """Their functions run here; what they strike is asked for, and the rollbacks are left out no more."""
    theirs = read_chaos_toolkit_experiment(EXPERIMENTS / "report-file-vanishes.yaml")
    undo = {"type": "action", "name": "Put it back", "provider": {"type": "python", "module": "shop", "func": "back"}}
    undone = theirs.model_copy(update={"rollbacks": (Activity.model_validate(undo),)})
    place = Place(pipeline="scale", stage="publish", targets={"os.remove": Component.OBJECT_STORE})
    imported = import_experiment(undone, place)
    [strike] = imported.experiment.strikes
    assert isinstance(strike.fault, Python)
    assert (strike.fault.inject_by.func, [call.func for call in strike.fault.recover_by]) == ("remove", ["back"])
    assert strike.target.component is Component.OBJECT_STORE
    assert "rollbacks" not in _unmapped(imported)
    unnamed = import_experiment(undone, Place(pipeline="scale", stage="publish", targets={}))
    assert "Say `--target os.remove=COMPONENT`" in _unmapped(unnamed)
    assert "rollbacks, 'Put it back'" in _unmapped(unnamed)


def test_a_word_for_a_victim_is_asked_for_rather_than_guessed() -> None:
    """Without `--target` nothing is killed that merely has a similar name."""
    imported = _import("web-shop-without-cache.json", targets={})
    assert isinstance(imported.experiment.strikes[0].fault, Noop)
    assert "Say `--target redis-server=COMPONENT`" in _unmapped(imported)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_secret_leaves_the_file(file: Path) -> None:
    """Neither the experiment nor what is said of it holds a token, a password or a secret's value."""
    written = _import(file.name).to_yaml(file.name)
    for secret in ("not-a-real-token-4711", "hunter2", "staging-cluster-7f3a"):
        assert secret not in written


@pytest.mark.parametrize(
    ("tolerance", "said"),
    [
        (True, "never holds"),
        ("ok", "never holds"),
        ([], "no equal"),
        (["up"], "no equal"),
        ({"type": "regex", "pattern": "(", "target": "body"}, "regular expression"),
        ({"type": "regex", "pattern": "1"}, "a regex in a form"),
        ({"type": "range", "range": [1, 2], "target": "body"}, "a range in a form"),
        ({"type": "jsonpath", "path": "$..x", "target": "body", "expect": 1}, "expected a path"),
        ({"type": "jsonpath", "path": "$.x", "target": "body", "expect": [1, 2]}, "several values"),
        ({"type": "jsonpath", "path": "$.x", "target": "body", "expect": 1, "count": 2}, "count"),
        ({"type": "probe", "name": "x", "provider": {}}, "a probe in a form"),
    ],
)
def test_a_tolerance_without_an_equal_says_why(tolerance: object, said: str) -> None:
    """Nothing is turned into a tolerance that accepts more than theirs did."""
    with pytest.raises(NoEqualError, match=said):
        import_tolerance(tolerance)  # type: ignore[arg-type]  # as JSON would give it


def test_a_steady_state_that_cannot_be_measured_is_no_experiment(tmp_path: Path) -> None:
    """With no probe left there is no claim, so there is an error that names each probe."""
    file = tmp_path / "x.json"
    file.write_text('{"title": "t", "description": "d", "method": []}')
    with pytest.raises(ConfigurationError, match="steady-state-hypothesis: there is none"):
        import_experiment(read_chaos_toolkit_experiment(file), Place(pipeline="scale", stage="publish", targets={}))


def test_a_second_probe_of_one_name_is_named_rather_than_mixed_up(tmp_path: Path) -> None:
    """A journal tells probes apart by their names, so only the first of a name is looked through."""
    probe = {"type": "probe", "name": "p", "tolerance": 0, "provider": {"type": "process", "path": "true"}}
    file = tmp_path / "x.json"
    hypothesis = {"title": "h", "probes": [probe, probe]}
    file.write_text(json.dumps({"title": "t", "description": "d", "method": [], "steady-state-hypothesis": hypothesis}))
    place = Place(pipeline="scale", stage="publish", targets={})
    imported = import_experiment(read_chaos_toolkit_experiment(file), place)
    assert len(imported.experiment.hypothesis.steady_state.probes) == 1
    assert "a probe of this name already" in _unmapped(imported)


def test_the_command_exits_1_while_something_has_no_equal_unless_that_is_allowed(tmp_path: Path) -> None:
    """The YAML is written either way; what is missing stands in its head and on standard error."""
    file, output = EXPERIMENTS / "web-shop-without-cache.json", tmp_path / "ours.yaml"
    refused = CliRunner().invoke(app, [str(file), "--target", "redis-server=object_store", "--output", str(output)])
    assert refused.exit_code == 1
    assert "no equal: rollbacks, 'start-redis'" in refused.stderr
    assert "#   rollbacks, 'start-redis'" in output.read_text()
    allowed = CliRunner().invoke(app, [str(file), "--allow-unmapped"])
    assert allowed.exit_code == 0
    assert (
        parse_document(allowed.stdout, Experiment, source="stdout").strikes[0].strike_point.stage
        == "extract_instruments"
    )


@pytest.mark.parametrize("target", ["redis", "redis=nowhere", "=warehouse", "postgres=control_db"])
def test_a_target_must_name_a_component_that_may_be_struck(target: str) -> None:
    """A word without a component, or one for the control plane, is refused."""
    result = CliRunner().invoke(app, [str(FILES[0]), "--target", target])
    assert isinstance(result.exception, ConfigurationError)
