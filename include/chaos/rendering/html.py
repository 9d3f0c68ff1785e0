"""A report as one HTML file that needs nothing else: styles, scripts and data are in it, its policy forbids requests.

Whatever comes from a journal is escaped: by Jinja in the page, and in the plots' data by `_inline`.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from include.chaos.campaigns.scorecard import Scorecard
from include.chaos.rendering.course_plot import plot_course
from include.chaos.rendering.duration_plots import plot_durations, plot_recovery
from include.chaos.rendering.figures import Plot
from include.chaos.rendering.probe_plot import plot_probe
from include.chaos.rendering.words import FILTERS
from include.chaos.reports.content import Report
from include.chaos.reports.course import Health, HealthSpan
from include.chaos.reports.runs import SetReport

_TICKED = re.compile(r"`([^`]+)`")
_ASSETS = Path(__file__).parent / "assets"

STYLESHEET = _ASSETS / "report.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRun:
    """A run's report with its place in the page and its plots."""

    report: Report
    anchor: str
    plots: dict[str, Plot]

    @property
    def unhealthy(self) -> list[HealthSpan]:
        """The stretches in which a probe was not healthy."""
        return [span for span in self.report.course.health if span.health is not Health.HEALTHY]


def render_run(report: Report) -> str:
    """Write one run's page."""
    run = _show(report, "run")
    title = f"{report.verdict.value}: {report.title}"
    return _render("run_page.html", title, {f"run-{name}": plot for name, plot in run.plots.items()}, run=run)


def render_set(found: SetReport) -> str:
    """Write one page of several runs, each with its own report beneath."""
    runs = [_show(report, f"run-{number}") for number, report in enumerate(found.runs, start=1)]
    timed = [(number, summary) for number, summary in enumerate(found.experiments, start=1) if summary.is_timed]
    plots = {f"experiment-{number}": plot_durations(summary) for number, summary in timed}
    plots |= {f"{run.anchor}-{name}": plot for run in runs for name, plot in run.plots.items()}
    anchors = {run.report.experiment_run_id: run.anchor for run in runs}
    title = f"{len(runs)} experiment runs"
    return _render("set_page.html", title, plots, found=found, runs=runs, anchors=anchors)


def render_scorecard(card: Scorecard) -> str:
    """Write a campaign's page."""
    return _render("scorecard_page.html", f"Campaign {card.name}: {card.title}", {}, card=card)


def _show(report: Report, anchor: str) -> ShownRun:
    plots = {"course": plot_course(report.course)}
    if report.recovering.phases:
        plots["recovery"] = plot_recovery(report.recovering)
    for number, probe in enumerate(report.probing.probes, start=1):
        if probe.points:
            plots[f"probe-{number}"] = plot_probe(probe, report.course)
    return ShownRun(report=report, anchor=anchor, plots=plots)


def _render(template: str, title: str, plots: dict[str, Plot], **content: object) -> str:
    scripts = _scripts() if plots else ()
    return (
        _environment()
        .get_template(template)
        .render(
            title=title,
            plots=plots,
            policy=_policy(scripts),
            style=Markup(_asset("report.css")),  # noqa: S704  # our own file
            figures=Markup(_inline(plots)),  # noqa: S704  # escaped by it
            scripts=[Markup(script) for script in scripts],  # noqa: S704  # our own, and plotly's
            **content,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("include.chaos.rendering", "templates/html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS, ticked=_ticked)
    return environment


def _ticked(text: str) -> Markup:
    """Escape a text, and show what stands in it between backticks as code."""
    return Markup(_TICKED.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped before


@cache
def _scripts() -> tuple[str, ...]:
    from plotly.offline import get_plotlyjs

    return get_plotlyjs(), _asset("report.js")


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf8")


def _policy(scripts: Sequence[str]) -> str:
    """Allow the page its own scripts and styles, and no request to anybody."""
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _inline(plots: Mapping[str, Plot]) -> str:
    """Write the plots as JSON that cannot end the element which it stands in."""
    figures = ",".join(f"{json.dumps(f'{name}-plot')}:{plot.figure}" for name, plot in plots.items())
    return f"{{{figures}}}".replace("<", "\\u003c")
