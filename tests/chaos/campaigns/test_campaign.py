"""A campaign's file is read with errors that name file, line, field and the fix."""

from pathlib import Path

import pytest

from include.chaos.campaigns.campaign import CAMPAIGNS, campaign_files, load_campaign, read_campaign
from include.chaos.campaigns.campaign_checks import complain
from include.chaos.campaigns.matrix import MOST_CELLS
from include.chaos.experiment import Experiment, experiment_files, experiment_id_of, load_experiment
from include.chaos.model import VerdictValue
from include.chaos.pipeline import load_pipeline
from include.errors import ConfigurationError
from tests.chaos.campaigns import made

RIGHT = """\
title: A night
experiments:
  - experiment: warehouse_killed_while_landing
    repeats: 2
    strike_points:
      - {stage: extract_instruments, staged_rows: 50%}
      - {stage: publish, failpoint: relations_shown}
pipeline_conf:
  scale: {prefix: a/}
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "night.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", campaign_files(), ids=lambda path: path.stem)
def test_every_shipped_campaign_can_be_planned_and_expects_every_cell_to_pass(path: Path) -> None:
    """Known-bad experiments would keep CI red for ever."""
    plan = made.plan(read_campaign(path))
    assert {cell.expected_verdict for cell in plan.cells} <= {None, VerdictValue.PASSED}


def test_smoke_is_short_and_weekly_is_wide() -> None:
    """Three cells for a pull request; more than a dozen experiments for a night."""
    assert len(made.plan(load_campaign("smoke")).cells) == 3
    assert len({cell.experiment_id for cell in made.plan(load_campaign("weekly")).cells}) >= 12


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("warehouse_killed_while", "warehouse_kiled_while", r"3:5: experiments\[0\].experiment: no experiment"),
        ("repeats: 2", "repeats: 0", r"4:5: experiments\[0\].repeats: expected greater than or equal to 1"),
        ("repeats", "repeat", r"unknown key 'repeat'; did you mean 'repeats'\?"),
        ("stage: publish", "stage: publsh", r"strike_points\[1\].stage: scale has no stage 'publsh'; did you mean"),
        ("relations_shown", "relations_show", r"stage publish has no failpoint .* did you mean 'relations_shown'\?"),
        ("staged_rows: 50%", "failpoint: partition_commited", "did you mean 'partition_committed'"),
        ("  scale:", "  scala:", r"9:3: pipeline_conf.scala: no pipeline 'scala'; did you mean 'scale'\?"),
        ("repeats: 2", "strike: kill_warehous", r"no strike 'kill_warehous'; did you mean 'kill_warehouse'\?"),
        ("{stage: publish, failpoint: relations_shown}", "{stage: publish}", "expected exactly one of `at: start`"),
        (
            "{stage: publish, failpoint: relations_shown}",
            "{stage: extract_instruments, staged_rows: 0.5}",
            "there already; `repeats: 2` runs it twice",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_the_fix(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    """Before anything is run."""
    assert right in RIGHT
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_campaign(_file(tmp_path, RIGHT.replace(right, wrong, 1)))
    assert str(caught.value).startswith(str(tmp_path / "night.yaml"))


def test_points_without_a_strike_are_refused_where_there_are_several(tmp_path: Path) -> None:
    """Nobody is to guess whose they are."""
    campaign = read_campaign(_file(tmp_path, RIGHT))
    ((place, said),) = complain(campaign, _with_two_strikes, load_pipeline)
    assert place == ("experiments", 0, "strike_points")
    assert "has several strikes; add `strike:` `kill_warehouse` or `again`" in said


def test_a_campaign_that_would_never_end_is_refused(tmp_path: Path) -> None:
    """With how much there may be."""
    entries = "".join(f"  - {{experiment: {name}, repeats: 100}}\n" for name in _experiments()[: MOST_CELLS // 100 + 1])
    with pytest.raises(ConfigurationError, match=f"600 cells; expected at most {MOST_CELLS}"):
        read_campaign(_file(tmp_path, f"title: Long\nexperiments:\n{entries}"))


def test_a_name_that_is_none_is_answered_with_those_there_are() -> None:
    """And with where they are looked for."""
    with pytest.raises(ConfigurationError, match=f"no 'nightly' in {CAMPAIGNS}; there are: smoke, weekly"):
        load_campaign("nightly")


def _with_two_strikes(name: str) -> Experiment:
    shipped = load_experiment(name)
    again = shipped.strikes[0].model_copy(update={"name": "again"})
    return shipped.model_copy(update={"strikes": (*shipped.strikes, again)})


def _experiments() -> list[str]:
    return [experiment_id_of(path) for path in experiment_files()]
