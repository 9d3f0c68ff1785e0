"""A Python function of a Chaos Toolkit extension is looked through by a `command` probe."""

import json
import sys
from pathlib import Path

import pytest

from include.chaos.interop.call_python import call, main
from include.chaos.interop.chaos_toolkit_experiment import read_chaos_toolkit_experiment
from include.chaos.interop.chaos_toolkit_import import Place, import_experiment
from include.chaos.interop.no_equal import NoEqualError
from include.chaos.interop.tolerance_import import import_value_tolerance
from include.chaos.platforms.commands import ProgramRunner
from include.chaos.probes.command import CommandProbe

PLACE = Place(pipeline="scale", stage="publish", targets={})


def _probe(folder: Path, provider: dict[str, object], *, tolerance: object = True, **more: object) -> CommandProbe:
    """Import an experiment with one Python probe."""
    activity = {"type": "probe", "name": "p", "tolerance": tolerance, "provider": {"type": "python", **provider}}
    hypothesis = {"title": "h", "probes": [activity]}
    file = folder / "x.json"
    file.write_text(
        json.dumps({"title": "t", "description": "d", "method": [], "steady-state-hypothesis": hypothesis, **more})
    )
    imported = import_experiment(read_chaos_toolkit_experiment(file), PLACE)
    [probe] = imported.experiment.hypothesis.steady_state.probes
    assert isinstance(probe, CommandProbe)
    return probe


def test_a_python_probe_is_run_for_real_and_judged_by_its_tolerance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`os.path.exists` of a file that is there is true, and of one that is not is out of tolerance."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    there, gone = tmp_path / "there", tmp_path / "gone"
    there.touch()
    for path, ok in ((there, True), (gone, False)):
        probe = _probe(tmp_path, {"module": "os.path", "func": "exists", "arguments": {"path": str(path)}})
        assert probe.measure(ProgramRunner()).ok is ok


def test_a_function_that_fails_is_out_of_tolerance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing module or an exception prints nothing, which no tolerance accepts."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    probe = _probe(tmp_path, {"module": "no_such_extension", "func": "f"})
    assert not probe.measure(ProgramRunner()).ok


def test_a_function_gets_the_configuration_that_it_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it prints does not mix with its result, and one without such a parameter is called without."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own_extension.py").write_text(
        "def port(name, configuration=None):\n    print('noise')\n    return configuration[name]\n"
    )
    main(json.dumps({"module": "own_extension", "func": "port", "arguments": {"name": "p"}, "configuration": {"p": 7}}))
    assert json.loads(capsys.readouterr().out) == {"value": 7}
    assert call("os.path", "basename", {"p": "/a/b"}, {"p": 7}) == "b"


def test_configuration_that_only_run_time_knows_leaves_a_function_without_an_equal(tmp_path: Path) -> None:
    """Nobody can tell which part of it the function reads."""
    configuration = {"url": {"type": "env", "key": "URL"}}
    with pytest.raises(Exception, match="the function may read url"):
        _probe(tmp_path, {"module": "os.path", "func": "exists"}, configuration=configuration)


@pytest.mark.parametrize(
    ("tolerance", "accepted", "refused"),
    [
        (True, True, False),
        (3, 3, 4),
        ("up", "up", "down"),
        ([2, 5], 5, 6),
        ([1, 2, 4], 4, 3),
        ({"type": "range", "range": [0.5, 1.5]}, 1, 2),
        ({"type": "range", "range": [1, 2], "target": "load"}, {"load": 1}, {"load": 3}),
        ({"type": "regex", "pattern": "^ok"}, "okay", "not ok"),
        ({"type": "jsonpath", "path": "$.pods[0].phase", "expect": "Running"}, {"pods": [{"phase": "Running"}]}, {}),
    ],
)
def test_a_tolerance_of_a_result_accepts_and_refuses_as_theirs(
    tolerance: object, accepted: object, refused: object
) -> None:
    """Each form of tolerance is held against the JSON that is printed."""
    ours = import_value_tolerance(tolerance)  # type: ignore[arg-type]  # as JSON would give it
    assert ours.accepts(json.dumps({"value": accepted}))
    assert not ours.accepts(json.dumps({"value": refused}))
    assert not ours.accepts("")


@pytest.mark.parametrize("tolerance", [None, [], ["a", "b"], {"type": "probe", "name": "x", "provider": {}}])
def test_a_tolerance_of_a_result_without_an_equal_is_refused(tolerance: object) -> None:
    """Bounds of texts and tolerances that are functions have no equal."""
    with pytest.raises(NoEqualError):
        import_value_tolerance(tolerance)  # type: ignore[arg-type]  # as JSON would give it
