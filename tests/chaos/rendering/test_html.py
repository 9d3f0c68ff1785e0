"""The page is whole, asks nobody for anything, and takes no orders from a journal."""

import base64
import hashlib
import json
import re

import pytest

from include.chaos.journal import JournalEntry
from include.chaos.rendering.html import render_run, render_set
from include.chaos.reports.content import Report, build_report
from tests.chaos import journals
from tests.chaos.rendering import pages
from tests.chaos.rendering.html_reading import Page, read_page

_RUNS = {
    "passing": journals.passing(),
    "opened only": pages.opened_only(),
    "hostile": pages.hostile(),
    "very many looks": pages.many_looks(5_000),
}


def _page(entries: list[JournalEntry]) -> Page:
    return read_page(render_run(build_report(entries)))


@pytest.mark.parametrize("entries", _RUNS.values(), ids=_RUNS.keys())
def test_the_page_is_well_formed_and_asks_for_nothing(entries: list[JournalEntry]) -> None:
    """Each id is there once, each reference is to one of them, and there is nothing to be fetched."""
    page = _page(entries)
    assert len(page.ids) == len(set(page.ids))
    assert page.references
    assert {reference[1:] for reference in page.references} <= set(page.ids)
    assert all(reference.startswith("#") for reference in page.references)
    assert not page.all("link")
    assert not page.all("img")
    assert not page.all("iframe")
    assert "@import" not in page.text_of("style")
    assert "url(" not in page.text_of("style")


def test_the_set_s_page_is_well_formed_too_and_links_each_run() -> None:
    """The table's lines lead to the runs' own reports."""
    page = read_page(render_set(pages.several()))
    assert len(page.ids) == len(set(page.ids))
    links = [link["href"][1:] for link in page.all("a")]
    assert {"run-1", "run-2", "run-3"} <= set(links) <= set(page.ids)
    assert "watched so long without seeing it" in page.text_of("ul")


def test_a_hostile_journal_is_shown_and_not_obeyed() -> None:
    """Its texts are texts: no element, no script and no template of its making."""
    html = render_run(build_report(pages.hostile()))
    page = read_page(html)
    assert "<script>alert" not in html
    assert not [link for link in page.all("a") if "evil" in link.get("href", "")]
    assert "alert(1)" in page.text_of("main")
    assert "{{ 7 * 7 }}" in page.text_of("main")
    assert len(page.all("script")) == 3


def test_the_plots_take_no_markup_from_a_journal_either() -> None:
    """plotly.js reads some markup in texts, links among it; ours are escaped before they come there."""
    figures = json.loads(_figures(build_report(pages.hostile())))
    texts = json.dumps([_texts(figure) for figure in figures.values()])
    assert "alert(1)" in texts
    assert "<a" not in texts
    assert "<script" not in texts


def _figures(report: Report) -> str:
    match = re.search(r'<script type="application/json" id="figures">(.*?)</script>', render_run(report), re.DOTALL)
    assert match
    return match[1]


def _texts(figure: dict[str, object]) -> object:
    """Leave out what is no text of ours: the layout's template."""
    layout = figure["layout"]
    assert isinstance(layout, dict)
    return [figure["data"], layout.get("annotations"), layout.get("title")]


def test_the_policy_allows_the_page_s_own_scripts_and_no_others() -> None:
    """By their hashes, so that one that was smuggled in would not run, and no request could leave."""
    html = render_run(pages.passing_report())
    policy = next(meta["content"] for meta in read_page(html).all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'")
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy


def test_a_page_without_plots_needs_no_script() -> None:
    """All that is drawn is in it once, and only where something is drawn."""
    html = render_run(pages.passing_report())
    assert html.count("plotly.js v") == 1


def test_each_plot_says_its_essence_and_lies_beside_its_data() -> None:
    """For who cannot see it, or has no scripts."""
    html = render_run(pages.passing_report())
    page = read_page(html)
    plots = [div for div in page.all("div") if div.get("class") == "plot"]
    assert len(plots) == len(page.all("figure")) == len(page.all("figcaption")) == 2
    assert all(len(plot["aria-label"]) > 20 and plot["role"] == "img" for plot in plots)
    assert set(json.loads(_figures(pages.passing_report()))) == {plot["id"] for plot in plots}


def test_tables_have_captions_and_their_heads_have_scopes() -> None:
    """So a screen reader can say where it is."""
    page = _page(journals.passing())
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(head.get("scope") in ("row", "col", "colgroup") for head in page.all("th"))
    assert [name for name, _ in page.elements if name == "h1"] == ["h1"]
    assert page.elements[0] == ("html", {"lang": "en"})


def test_the_verdict_comes_first() -> None:
    """A person in a hurry reads it before anything else."""
    html = render_run(pages.passing_report())
    headings = re.findall(r"<h2[^>]*>([^<]+)</h2>", html)
    assert headings[:2] == ["Verdict", "What to do next"]
    assert "every row is accounted for" in html[: html.index("What to do next</h2>")]


def test_very_many_looks_make_a_small_plot() -> None:
    """It says how many were drawn, and still shows the dip."""
    report = build_report(pages.many_looks(20_000))
    html = render_run(report)
    points = report.probing.probes[0].points
    assert len(points) < 3_000
    assert any(not point.ok for point in points)
    assert f"Drawn are {len(points):,} of 20,000 looks" in html
    assert len(_figures(report)) < 1_000_000
