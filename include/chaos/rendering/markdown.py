"""A report as Markdown: the same content, for a merge request or a wiki. Whatever comes from a journal is escaped."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from include.chaos.campaigns.scorecard import Scorecard
from include.chaos.rendering.words import FILTERS
from include.chaos.reports.content import Report
from include.chaos.reports.course import Health
from include.chaos.reports.runs import SetReport

_SPECIAL = re.compile(r"([\\`*\[\]|#~])")
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BLANK_LINES = re.compile(r"\n{3,}")


class _Sign(str):
    """A text that is meant as Markdown."""

    __slots__ = ()


def render_run_as_markdown(report: Report) -> str:
    """Write one run's report."""
    return _tidy(_environment().get_template("run.md").render(report=report, level=_Sign("#"), Health=Health))


def render_set_as_markdown(found: SetReport) -> str:
    """Write several runs' reports."""
    return _tidy(_environment().get_template("set.md").render(found=found, level=_Sign("##"), Health=Health))


def render_scorecard_as_markdown(card: Scorecard) -> str:
    """Write a campaign's scorecard."""
    return _tidy(_environment().get_template("scorecard.md").render(card=card))


@cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701  # `finalize` escapes for Markdown instead
        loader=PackageLoader("include.chaos.rendering", "templates/markdown"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_escape,
    )
    environment.filters.update(FILTERS)
    return environment


def _escape(value: object) -> object:
    """Take their meaning from Markdown's and HTML's signs; a line break would end a table's row."""
    if not isinstance(value, str) or isinstance(value, _Sign):
        return value
    text = "".join(_TEXT.get(letter, letter) for letter in " ".join(value.split()))
    return _SPECIAL.sub(r"\\\1", text)


def _tidy(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"
