"""The command line finds the right campaign, writes what is asked for, and exits with what it says."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from include.chaos.campaign_commands import app, find_record, read_conf
from include.errors import ConfigurationError
from tests.chaos.agent.world import served_in
from tests.chaos.campaigns.made import FAILED, PASSED, record

RECORDS = (
    record({"a": (PASSED,)}, day=1),
    record({"a": (FAILED,)}, day=2),
    record({"a": (PASSED,)}, day=3, scored=False),
)


def test_a_name_stands_for_its_last_campaign_that_came_to_its_end() -> None:
    """And an id for that campaign, also for one that was cut off."""
    assert find_record("made", RECORDS) is RECORDS[1]
    assert find_record("made__1", RECORDS) is RECORDS[0]
    assert find_record("made__3", RECORDS) is RECORDS[2]
    with pytest.raises(ConfigurationError, match="called 'nightly'; there are: made__1, made__2, made__3"):
        find_record("nightly", RECORDS)


def test_parameters_are_told_by_pipeline() -> None:
    """Each pipeline has its own."""
    assert read_conf(["scale.prefix=a/", "scale.threshold=0.6", "orders.seed=1"]) == {
        "scale": {"prefix": "a/", "threshold": 0.6},
        "orders": {"seed": 1},
    }
    with pytest.raises(ConfigurationError, match=r"--conf prefix=a/: expected PIPELINE\.NAME=VALUE"):
        read_conf(["prefix=a/"])


def test_a_scorecard_is_written_and_its_exit_code_is_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From what the agent has kept; `a` had passed the last time, so this is a regression."""
    with served_in(tmp_path, monkeypatch) as world:
        for kept in RECORDS:
            world.registry.campaigns.begin(kept.plan)
            if kept.end:
                world.registry.campaigns.end(kept.plan.campaign_id, kept.end)
        printed = CliRunner().invoke(app, ["scorecard", "made", "--format", "json"])
        page = tmp_path / "card.html"
        first = CliRunner().invoke(app, ["scorecard", "made__1", "--format", "html", "--output", str(page)])
        listed = CliRunner().invoke(app, ["list"], env={"COLUMNS": "200"})
    assert printed.exit_code == 5
    assert json.loads(printed.stdout)["compared"]["changes"] == {"regression": ["a at as in file"]}
    assert first.exit_code == 0
    assert page.read_text().startswith("<!doctype html>")
    for said in ("smoke", "weekly", "made__2", "has not come to its end"):
        assert said in listed.stdout


def test_a_campaign_that_was_begun_goes_on_as_what_it_was_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not under another name, and not with other parameters."""
    with served_in(tmp_path, monkeypatch) as world:
        for name in ("AIRFLOW_URL", "AIRFLOW_USER", "AIRFLOW_PASSWORD"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        world.registry.campaigns.begin(RECORDS[0].plan)
        renamed = CliRunner().invoke(app, ["run", "smoke", "--resume", "made__1"])
        changed = CliRunner().invoke(app, ["run", "made", "--resume", "made__1", "--conf", "scale.prefix=a/"])
    assert "is a campaign 'made', not 'smoke'" in str(renamed.exception)
    assert "expected no --conf" in str(changed.exception)
