"""What is printed of several runs of one experiment, for people and for machines."""

import json
from itertools import count

import pytest
from rich.console import Console

from include.chaos.model import VerdictValue
from include.chaos.repetition_commands import run_repeatedly
from include.chaos.report_printing import print_report
from include.chaos.reports.content import build_report
from include.chaos.statistics import Journal
from tests.chaos import journals
from tests.chaos.conductors import Conductor

PASSED, FAILED = VerdictValue.PASSED, VerdictValue.FAILED


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def _run(*ends: VerdictValue | BaseException, as_json: bool = False) -> int:
    conductor, numbers = Conductor(*ends), count(1)

    def conduct(progress: Console) -> Journal:
        progress.print("strike: running")
        return conductor(next(numbers))

    return run_repeatedly(conduct, len(ends), as_json=as_json)


def test_each_verdict_is_printed_and_then_the_statistics(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is that of the worst, the rate tells how many."""
    assert _run(PASSED, FAILED, PASSED) == 1
    said = capsys.readouterr().out
    assert "experiment run 1 of 3" in said
    assert said.count("verdict: passed") == 2
    assert said.index("verdict: failed") < said.index("pass rate: 66.7% (2 of 3 decided runs")
    assert "not reached" in said
    assert "interrupted" not in said


def test_one_run_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Its report, and no statistics of one."""
    assert _run(PASSED) == 0
    said = capsys.readouterr().out
    print_report(build_report(journals.reaching(PASSED, run="run1")), Console())
    assert said == "strike: running\n" + capsys.readouterr().out


def test_an_interruption_says_what_has_finished_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """Two passes of five do not look like five, and the exit code is not 0."""
    assert _run(PASSED, PASSED, KeyboardInterrupt(), PASSED, PASSED) == 4
    said = capsys.readouterr().out
    assert "pass rate: 100.0% (2 of 2 decided runs" in said
    assert "interrupted: by hand. 2 of 5 runs have finished, and the above is what these show; 3 missing." in said


def test_json_is_all_of_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts, exit code and statistics; progress is for whoever watches."""
    assert _run(PASSED, FAILED, KeyboardInterrupt(), as_json=True) == 1
    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert [(run["experiment_run_id"], run["verdict"]) for run in said["runs"]] == [
        ("run1", "passed"),
        ("run2", "failed"),
    ]
    assert said["runs"][1]["reasons"]
    assert (said["worst"], said["exit"]) == ("failed", 1)
    assert (said["planned"], said["missing"], said["interruption"]) == (3, 1, "by hand")
    assert said["statistics"]["pass_rate"]["decided"] == 2
    assert said["statistics"]["durations"]["time_to_recover"]["censored"] == 1
    assert "strike: running" in printed.err
    assert "verdict: failed" in printed.err


def test_json_of_one_run_has_the_same_shape(capsys: pytest.CaptureFixture[str]) -> None:
    """A script need not ask how many there were."""
    assert _run(PASSED, as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["planned"], said["missing"], said["interruption"], said["worst"]) == (1, 0, None, "passed")
    assert said["statistics"]["runs"] == 1
