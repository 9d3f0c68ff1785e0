"""The command line shows the statistics of journal files, for people and as JSON."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from include.chaos import events as e
from include.chaos.statistics_commands import show_results, show_score, show_statistics
from include.errors import ConfigurationError
from tests.chaos import journals

app = typer.Typer()
app.command("stats")(show_statistics)
app.command("score")(show_score)
app.command("results")(show_results)


def _write_run(folder: Path, number: int, *, experiment_id: str = "warehouse_killed", recovers: bool = True) -> Path:
    def change(t: float, body: e.Event) -> e.Event:
        if isinstance(body, e.RunOpened):
            return body.model_copy(update={"experiment_run_id": f"run{number}", "experiment_id": experiment_id})
        return journals.look(ok=t < 10) if isinstance(body, e.ProbeSampled) and not recovers else body

    return journals.write(folder / f"run{number}.jsonl", journals.where(change))


def test_json_gives_the_figures_with_durations_in_seconds(tmp_path: Path) -> None:
    """Two passes and a run that never recovered: a rate of 2/3, a median, and no maximum."""
    paths = [_write_run(tmp_path, 1), _write_run(tmp_path, 2), _write_run(tmp_path, 3, recovers=False)]
    result = CliRunner().invoke(app, ["stats", "warehouse-killed", "--json", *map(str, paths)])
    said = json.loads(result.stdout)
    assert (said["pass_rate"]["passed"], said["pass_rate"]["decided"]) == (2, 3)
    recovery = said["durations"]["time_to_recover"]
    assert (recovery["seen"], recovery["censored"], recovery["max"]) == (2, 1, None)
    assert recovery["p50"] == pytest.approx(6.0, abs=0.1)


def test_the_table_tells_what_was_not_reached_and_the_denominator(tmp_path: Path) -> None:
    """A person reads how many runs were decided, and that the greatest recovery time is unknown."""
    _write_run(tmp_path, 1)
    _write_run(tmp_path, 2, recovers=False)
    result = CliRunner().invoke(app, ["stats", "warehouse_killed", str(tmp_path)], env={"COLUMNS": "200"})
    assert "1 of 2 decided runs" in result.stdout
    assert "not reached" in result.stdout
    assert "2 run(s) were never closed" in result.stdout


def test_a_folder_gives_only_the_runs_of_that_experiment(tmp_path: Path) -> None:
    """Journals of other experiments in the same folder are left alone; an unknown id names those there are."""
    _write_run(tmp_path, 1)
    _write_run(tmp_path, 2, experiment_id="other")
    said = json.loads(CliRunner().invoke(app, ["stats", "other", "--json", str(tmp_path)]).stdout)
    assert (said["experiment_id"], said["runs"]) == ("other", 1)
    result = CliRunner().invoke(app, ["stats", "nowhere", str(tmp_path)])
    assert isinstance(result.exception, ConfigurationError)
    assert "other, warehouse_killed" in str(result.exception)


def test_the_score_names_the_weakest_and_nothing_decided_exits_4(tmp_path: Path) -> None:
    """One lost experiment scores for all; with no decided run there is no figure to print."""
    _write_run(tmp_path, 1)
    _write_run(tmp_path, 2, experiment_id="other", recovers=False)
    result = CliRunner().invoke(app, ["score", str(tmp_path)])
    assert result.exit_code == 0
    assert "resilience score: 0 of 100, by other" in result.stdout
    journals.write(tmp_path / "run3.jsonl", journals.without(e.BaselineMeasured))
    nothing = CliRunner().invoke(app, ["score", str(tmp_path / "run3.jsonl")])
    assert nothing.exit_code == 4
    assert "no resilience score" in nothing.stdout


def test_the_results_page_has_a_line_for_each_experiment_and_says_why_it_did_not_pass(tmp_path: Path) -> None:
    """A run that never recovered has no maximum, and its reason is there to read."""
    _write_run(tmp_path, 1)
    _write_run(tmp_path, 2, recovers=False)
    _write_run(tmp_path, 3, experiment_id="other")
    CliRunner().invoke(app, ["results", str(tmp_path), "--write", str(tmp_path / "page.md")])
    head, _, other, killed = (tmp_path / "page.md").read_text().splitlines()
    assert head.startswith("| experiment |")
    assert "`other`" in other
    assert "1 passed, 1 failed" in killed
    assert "not reached" in killed
    assert "The steady state did not return" in killed
