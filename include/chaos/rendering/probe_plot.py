"""The plot of a probe's looks: its values, where these are numbers, above the time that each look took."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from include.chaos.rendering.figures import (
    GREEN,
    ORANGE,
    RED,
    Key,
    Plot,
    finish,
    iso,
    label,
    new_figure,
    on_a_clock,
    shade,
)
from include.chaos.reports.course import Course, Health
from include.chaos.reports.probing import Look, ProbeAccount

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter

_HEALTHY = Key(name="healthy look", colour=GREEN, sign="●")
_OUT_OF_TOLERANCE = Key(name="look out of tolerance", colour=RED, sign="✖")
_FAULT = Key(name="fault in force", colour=ORANGE)

_DECADES = 100


def plot_probe(account: ProbeAccount, course: Course) -> Plot:
    """Draw a probe's looks, with the faults' shade behind them."""
    points = list(_with_gaps(account, course))
    numbered = any(look.value is not None for look in account.points)
    figure = new_figure(height=420 if numbered else 260)
    if numbered:
        label(figure, "value", 1.0, paper=True)
        for trace in _looks([(look, look.value if shown else None) for look, shown in points], axis="y"):
            figure.add_trace(trace)
    label(figure, "milliseconds a look took", 0.46 if numbered else 1.0, paper=True)
    for trace in _looks([(look, look.latency * 1000 if shown else None) for look, shown in points], axis="y2"):
        figure.add_trace(trace)
    shade(figure, course.faults, course.ends)
    _lay_out(figure, course, numbered=numbered, logarithmic=_spans_decades(account.points))
    unhealthy = any(not look.ok for look in account.points)
    return finish(figure, [_HEALTHY, *([_OUT_OF_TOLERANCE] if unhealthy else []), *([_FAULT] if course.faults else [])])


def _spans_decades(points: Sequence[Look]) -> bool:
    """Tell whether the latencies are too far apart for an even scale; one of zero has no place on the other."""
    took = [look.latency for look in points]
    return min(took, default=0) > 0 and max(took) > _DECADES * min(took)


def _lay_out(figure: "Figure", course: Course, *, numbered: bool, logarithmic: bool) -> None:
    figure.update_layout(
        margin={"t": 28},
        yaxis={"domain": [0.58, 1], "visible": numbered, "rangemode": "tozero", "automargin": True, "nticks": 5},
        yaxis2={
            "domain": [0, 0.44 if numbered else 1],
            "type": "log" if logarithmic else "linear",
            "dtick": 1 if logarithmic else None,
            "automargin": True,
            "anchor": "x",
        },
        xaxis={**on_a_clock(course.begins, course.ends), "anchor": "y2"},
    )


def _looks(looks: Sequence[tuple[Look, float | None]], *, axis: str) -> "Iterator[Scatter]":
    from plotly.graph_objects import Scatter

    yield Scatter(
        x=[iso(look.at) for look, _ in looks],
        y=[number for _, number in looks],
        mode="lines+markers",
        name=_HEALTHY.name,
        line={"color": GREEN, "width": 1},
        marker={"size": 3, "color": GREEN},
        yaxis=axis,
        connectgaps=False,
    )
    bad = [(look, number) for look, number in looks if not look.ok and number is not None]
    if bad:
        yield Scatter(
            x=[iso(look.at) for look, _ in bad],
            y=[number for _, number in bad],
            mode="markers",
            name=_OUT_OF_TOLERANCE.name,
            marker={"symbol": "x", "size": 6, "color": RED},
            yaxis=axis,
        )


def _with_gaps(account: ProbeAccount, course: Course) -> Iterator[tuple[Look, bool]]:
    """Give the points, and among them one that is not shown wherever the probe was blind: no line may bridge that."""
    blind = [span.ends for span in course.health if span.probe == account.probe and span.health is Health.BLIND]
    for look in account.points:
        while blind and blind[0] <= look.at:
            yield look.model_copy(update={"at": blind.pop(0), "ok": True}), False
        yield look, True
