"""The agent keeps a campaign as it was begun, and what came of it in the end."""

from pathlib import Path

import pytest

from include.chaos.agent.campaign_shelf import CampaignShelf
from include.errors import AgentError
from tests.chaos.campaigns.made import FAILED, PASSED, record


def test_a_campaign_stays_what_it_was_begun_as(tmp_path: Path) -> None:
    """Its file may have changed when it goes on."""
    first, changed = record({"a": (PASSED,)}), record({"a": (PASSED,), "b": (PASSED,)})
    assert CampaignShelf(tmp_path).begin(first.plan) == first.plan
    assert CampaignShelf(tmp_path).begin(changed.plan) == first.plan


def test_its_end_is_kept_in_place_of_an_earlier_one(tmp_path: Path) -> None:
    """One that goes on is scored again."""
    shelf, cut_off, whole = CampaignShelf(tmp_path), record({"a": (None,)}), record({"a": (FAILED,)})
    assert cut_off.end is not None
    assert whole.end is not None
    shelf.begin(cut_off.plan)
    assert shelf.get("made__1").end is None
    shelf.end("made__1", cut_off.end)
    shelf.end("made__1", whole.end)
    assert CampaignShelf(tmp_path).get("made__1").end == whole.end


def test_all_are_given_in_the_order_in_which_they_were_begun(tmp_path: Path) -> None:
    """Whatever their names; none where nothing was ever kept."""
    shelf = CampaignShelf(tmp_path / "campaigns")
    assert shelf.all() == ()
    for day in (2, 1):
        shelf.begin(record({"a": (PASSED,)}, day=day, name="z" if day == 1 else "a").plan)
    assert [kept.plan.campaign_id for kept in shelf.all()] == ["z__1", "a__2"]


@pytest.mark.parametrize("campaign_id", ["../../etc/passwd", "", "a/b", "x" * 300])
def test_no_id_leads_out_of_the_folder(tmp_path: Path, campaign_id: str) -> None:
    """It comes over the network."""
    with pytest.raises(AgentError, match="expected letters, digits"):
        CampaignShelf(tmp_path).get(campaign_id)


def test_what_was_never_begun_is_refused(tmp_path: Path) -> None:
    """An end without a plan says nothing."""
    whole = record({"a": (PASSED,)})
    assert whole.end is not None
    with pytest.raises(AgentError, match="no campaign 'made__1' was ever begun"):
        CampaignShelf(tmp_path).end("made__1", whole.end)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """Instead of a scorecard that leaves it out."""
    (tmp_path / "made__1.plan.json").write_text("{")
    with pytest.raises(AgentError, match=r"made__1.plan.json: cannot be read as a campaign"):
        CampaignShelf(tmp_path).all()
