"""A scorecard's page and Markdown are whole, say the same, and take no orders from a reason."""

import json

import pytest

from include.chaos.campaigns.scorecard import Scorecard, build_scorecard
from include.chaos.rendering.html import render_scorecard
from include.chaos.rendering.markdown import render_scorecard_as_markdown
from tests.chaos.campaigns.made import FAILED, NOT_EXERCISED, PASSED, record
from tests.chaos.rendering.html_reading import read_page

HOSTILE = "<script>alert(1)</script> | {{ 7 * 7 }}\n# end"


def _card(reason: str = "So it is.") -> Scorecard:
    before = record({"a": (PASSED,), "b": (PASSED,)})
    now = record({"a": (FAILED,), "b": (PASSED,), "c": (NOT_EXERCISED, None)}, day=2)
    assert now.end is not None
    outcomes = tuple(outcome.model_copy(update={"reasons": (reason,)}) for outcome in now.end.outcomes)
    return build_scorecard(now.model_copy(update={"end": now.end.model_copy(update={"outcomes": outcomes})}), [before])


@pytest.mark.parametrize(
    "card", [_card(), _card(HOSTILE), build_scorecard(record({"a": (None,)}))], ids=["compared", "hostile", "first"]
)
def test_the_page_is_well_formed_and_asks_for_nothing(card: Scorecard) -> None:
    """One file, without a script."""
    html = render_scorecard(card)
    page = read_page(html)
    assert len(page.ids) == len(set(page.ids))
    assert {reference[1:] for reference in page.references} <= set(page.ids)
    assert not page.all("script")
    assert any("script-src 'none'" in meta.get("content", "") for meta in page.all("meta"))


@pytest.mark.parametrize("card", [_card(), _card(HOSTILE)], ids=["plain", "hostile"])
def test_every_row_of_the_markdown_s_tables_has_its_head_s_columns(card: Scorecard) -> None:
    """A bar or a line break in a reason does not break the table."""
    lines = render_scorecard_as_markdown(card).splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("|---")]
    assert len(heads) == 3
    for head in heads:
        for row in lines[head - 1 :]:
            if not row.startswith("|"):
                break
            assert row.replace("\\|", "").count("|") == lines[head].count("|"), row


def test_all_formats_say_score_regression_and_what_is_reported_apart() -> None:
    """For a person, a merge request and a machine."""
    card = _card()
    for text in (read_page(render_scorecard(card)).text_of("main"), render_scorecard_as_markdown(card)):
        for said in ("50.0%: 1 of 2 conclusive cells passed", "1 not exercised and 1 without a verdict", "made__1"):
            assert said in text.replace("\\_", "_")
        assert "failed now: a at as in file" in text
    told = json.loads(card.model_dump_json())
    assert (told["resilience_score"], told["exit_code"], told["without_verdict"]) == (0.5, 5, 1)
    assert told["compared"]["changes"]["regression"] == ["a at as in file"]


def test_the_badge_says_how_many_of_all_cells_passed() -> None:
    """A score of 100% would be read as if nothing were missing."""
    page = read_page(render_scorecard(_card()))
    assert page.text_of("strong") == "1 of 4 cells passed"


def test_the_heat_map_shows_every_stage_with_its_colour() -> None:
    """Also those that nothing struck, in words beside the colour."""
    page = read_page(render_scorecard(_card()))
    heats = [cell["class"] for cell in page.all("td") if cell.get("class", "").startswith("heat")]
    assert heats == ["heat untried", "heat untried", "heat failed"]
    assert "not tried" in page.text_of("td")
