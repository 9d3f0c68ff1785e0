"""What a report's plots have in common: colours, frames, labels, the shade of a fault. plotly is imported when used.

Colours are told apart by their lightness as well, states by a pattern. The page colours texts and grids by its theme.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from include.chaos.reports.course import FaultWindow

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

BLUE, GREEN, RED, ORANGE, GREY, VIOLET = "#3d7dd8", "#2f9e74", "#cf3f5a", "#d98a1c", "#8b919b", "#8a63c9"
PHASE_COLOURS = {
    "effect": RED,
    "detected": ORANGE,
    "retried": BLUE,
    "recovered": GREY,
    "steady": GREEN,
    "landed": VIOLET,
}
LANE = 46
"""Pixels that a line of a plot takes with its label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One line of a plot's legend: a sign in a colour, or a swatch of a colour where there is no sign."""

    name: str
    colour: str
    sign: str = ""
    pattern: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A bar of a sketch; `left` and `width` are shares of its width."""

    lane: int
    left: float
    width: float
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A sign in a sketch's first lane; `left` is a share of its width, `row` tells neighbours apart."""

    left: float
    row: int
    sign: str
    colour: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """A stretch of a sketch's time, over all lanes; both are shares of its width."""

    left: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What is shown of a plot where no script runs: bars in lanes, from the first time to the last."""

    lanes: tuple[str, ...]
    strokes: tuple[Stroke, ...]
    begins: str
    ends: str
    marks: tuple[Mark, ...] = ()
    shades: tuple[Shade, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One figure, as JSON for plotly.js, and its legend, which the page writes: so it wraps, and is read aloud."""

    figure: str
    height: int
    legend: tuple[Key, ...]
    sketch: Sketch | None


def new_figure(*, height: int) -> "Figure":
    """Begin a figure that takes its texts' colour from the page."""
    from plotly.graph_objects import Figure

    return Figure(
        layout={
            "template": "none",
            "height": height,
            "margin": {"l": 12, "r": 12, "t": 12, "b": 40},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": "system-ui, sans-serif", "size": 13},
            "hoverlabel": {"bgcolor": "#20242b", "bordercolor": "#20242b", "font": {"color": "#ffffff"}},
            "showlegend": False,
        }
    )


def plain(text: str) -> str:
    """Take its meaning from markup, some of which plotly.js reads: links, for one."""
    return escape(text, quote=False)


def label(figure: "Figure", text: str, y: float, *, paper: bool = False) -> None:
    """Write a label above what it names, so that it takes no width."""
    figure.add_annotation(
        text=plain(text),
        x=0,
        xref="paper",
        xanchor="left",
        y=y,
        yref="paper" if paper else "y",
        yanchor="bottom",
        showarrow=False,
        align="left",
    )


def shade(figure: "Figure", faults: Sequence[FaultWindow], until: datetime) -> None:
    """Shade the time in which a fault was in force."""
    for fault in faults:
        figure.add_shape(
            type="rect",
            xref="x",
            yref="paper",
            x0=iso(fault.begins),
            x1=iso(fault.ends or until),
            y0=0,
            y1=1,
            layer="below",
            line={"width": 1, "color": ORANGE, "dash": "dot"},
            fillcolor=ORANGE,
            opacity=0.18,
        )


def iso(at: datetime) -> str:
    """Write a time as plotly.js reads it, which knows no zones."""
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds")


def on_a_clock(begins: datetime, ends: datetime) -> dict[str, object]:
    """Give the axis of a run's time."""
    return {
        "type": "date",
        "range": [iso(begins), iso(ends)],
        "tickformat": "%H:%M:%S",
        "hoverformat": "%H:%M:%S.%L UTC",
        "tickangle": 0,
        "nticks": 6,
    }


def finish(figure: "Figure", legend: Iterable[Key], sketch: Sketch | None = None) -> Plot:
    """Write a figure as JSON."""
    return Plot(figure=figure.to_json(), height=int(figure.layout.height), legend=tuple(legend), sketch=sketch)
