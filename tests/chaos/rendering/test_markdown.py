"""The Markdown says what the page says, and takes no orders from a journal either."""

import pytest

from include.chaos.journal import JournalEntry
from include.chaos.rendering.markdown import render_run_as_markdown, render_set_as_markdown
from include.chaos.reports.content import build_report
from tests.chaos import journals
from tests.chaos.rendering import pages


def _cells(row: str) -> int:
    return row.replace("\\|", "").count("|")


@pytest.mark.parametrize(
    "entries",
    [journals.passing(), pages.opened_only(), pages.hostile()],
    ids=["passing", "opened only", "hostile"],
)
def test_every_row_of_a_table_has_its_head_s_columns(entries: list[JournalEntry]) -> None:
    """A bar or a line break in a name does not break the table."""
    lines = render_run_as_markdown(build_report(entries)).splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("|---")]
    assert heads
    for head in heads:
        assert lines[head - 1].startswith("|"), "a table's head stands above its rule"
        for row in lines[head - 1 :]:
            if not row.startswith("|"):
                break
            assert _cells(row) == _cells(lines[head]), row


def test_every_section_is_there_under_its_heading() -> None:
    """In the order of reading, each on a line of its own."""
    report = pages.passing_report()
    lines = render_run_as_markdown(report).splitlines()
    headings = [line[3:] for line in lines if line.startswith("## ")]
    assert headings == [section.heading for _, section in report.sections()]
    assert lines[0] == "# The warehouse is killed"


def test_a_hostile_journal_makes_no_markup() -> None:
    """No element, no link, no code, no heading."""
    text = render_run_as_markdown(build_report(pages.hostile()))
    assert "<" not in text.replace("&lt;", "")
    assert "\\`\\*" in text
    assert not [line for line in text.splitlines() if line.startswith("# {{")]


def test_several_runs_have_their_table_and_their_reports() -> None:
    """Each run once in the table, once as a report."""
    text = render_set_as_markdown(pages.several())
    assert text.startswith("# 3 experiment runs\n")
    assert "not by" in text
    assert text.count("## The warehouse is killed") == 3
