"""The next runs are shown before they come, and a wrong window is told like a wrong experiment."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from include.cli import app
from include.orchestration import windows

WINDOW = """\
timezone: Europe/Berlin
hours: [{weekdays: [mon, tue, wed, thu, fri], opens: "10:00", closes: "16:00"}]
experiments: [warehouse_killed_while_landing, worker_killed]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(windows, "WINDOWS", tmp_path)
    (tmp_path / "scale.yaml").write_text(WINDOW)
    return tmp_path


def _run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["windows", *arguments])
    return done.exit_code, done.output


def test_the_next_runs_of_every_window_are_shown() -> None:
    """With the local time, which the window is written in, and UTC."""
    code, said = _run("--count", "20")
    assert code == 0
    assert said.startswith("scale: mon,tue,wed,thu,fri 10:00-16:00 Europe/Berlin")
    assert said.count("warehouse_killed_while_landing") + said.count("worker_killed") == 20


def test_one_experiments_next_runs_are_shown_alone() -> None:
    """Dashes will do."""
    code, said = _run("worker-killed", "--count", "3")
    assert code == 0
    assert said.count("worker_killed") == 3
    assert "warehouse_killed" not in said


def test_an_experiment_in_no_window_is_told_so() -> None:
    """Never an empty list that looks like an answer."""
    code, said = _run("null")
    assert code == 1
    assert "null is in no window, so it is never started by itself" in said


def test_a_wrong_window_is_told_with_its_place(folder: Path) -> None:
    """As `validate` does for experiments."""
    (folder / "scale.yaml").write_text(WINDOW.replace("Berlin", "Berlinn"))
    code, said = _run()
    assert code == 1
    assert "scale.yaml:1:1: timezone: no time zone 'Europe/Berlinn'" in " ".join(said.split())


def test_a_window_that_leaves_no_moment_is_told_so(folder: Path) -> None:
    """The calendar is right, and yet nothing will ever run."""
    (folder / "scale.yaml").write_text(WINDOW + 'deadlines: [{at: "16:00", before: 8h}]\n')
    assert "no moment is left" in _run()[1]
    (folder / "scale.yaml").write_text(WINDOW.splitlines()[0] + "\n" + WINDOW.splitlines()[1] + "\n")
    assert "nothing begins by itself" in _run()[1]
