"""The plots of durations: a recovery as one bar, and what each of several runs took."""

from datetime import timedelta

from include.chaos.rendering.figures import (
    BLUE,
    GREY,
    LANE,
    PHASE_COLOURS,
    RED,
    Key,
    Plot,
    Sketch,
    Stroke,
    finish,
    label,
    new_figure,
    plain,
)
from include.chaos.reports.recovering import PhaseBar, Recovering
from include.chaos.reports.runs import Summary
from include.chaos.reports.section import say

_SEEN = (
    (False, "circle", Key(name="seen", colour=BLUE, sign="●")),
    (True, "triangle-right-open", Key(name="watched so long without seeing it", colour=RED, sign="▷")),
)
"""Whether it is censored, and how that is drawn."""

_SPREAD = (0.0, 0.1, -0.1, 0.05, -0.05)
"""How far from their line runs are drawn, so that equal times do not hide each other."""


def plot_recovery(recovering: Recovering) -> Plot:
    """Draw the time from the strike to the last phase as one bar, split by phase."""
    from plotly.graph_objects import Bar

    figure = new_figure(height=130)
    for phase in recovering.phases:
        figure.add_trace(
            Bar(
                orientation="h",
                y=[0],
                x=[phase.took.total_seconds()],
                width=0.7,
                name=f"{plain(phase.reached)} +{say(phase.took)}",
                marker={"color": _colour(phase), "line": {"width": 1, "color": "#ffffff"}},
                hovertext=plain(f"{phase.words}, after {say(phase.took)}"),
                hoverinfo="text",
            )
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(visible=False, fixedrange=True)
    figure.update_xaxes(rangemode="tozero", ticksuffix=" s")
    keys = [Key(name=f"{phase.words} +{say(phase.took)}", colour=_colour(phase)) for phase in recovering.phases]
    return finish(figure, keys, _sketch(recovering))


def _sketch(recovering: Recovering) -> Sketch:
    """Draw the bar without a script."""
    total = max(sum((phase.took for phase in recovering.phases), timedelta(0)), timedelta(microseconds=1))
    strokes, left = [], timedelta(0)
    for phase in recovering.phases:
        strokes.append(Stroke(lane=0, left=left / total, width=phase.took / total, colour=_colour(phase)))
        left += phase.took
    return Sketch(lanes=("from the strike on",), strokes=tuple(strokes), begins="0 s", ends=say(total))


def _colour(phase: PhaseBar) -> str:
    return PHASE_COLOURS.get(phase.reached, GREY)


def plot_durations(summary: Summary) -> Plot:
    """Draw each run's durations: those seen, and those that were watched so long without an end."""
    from plotly.graph_objects import Scatter

    figure = new_figure(height=LANE * len(summary.durations) + 60)
    keys = []
    for censored, symbol, key in _SEEN:
        points = [
            (-row + _SPREAD[number % len(_SPREAD)], seen.took.total_seconds(), line.experiment_run_id)
            for number, line in enumerate(summary.runs)
            for row, seen in enumerate(line.durations)
            if seen.took is not None and seen.censored is censored
        ]
        if points:
            keys.append(key)
            figure.add_trace(
                Scatter(
                    x=[seconds for _, seconds, _ in points],
                    y=[row for row, _, _ in points],
                    mode="markers",
                    name=key.name,
                    marker={"symbol": symbol, "size": 11, "color": key.colour, "opacity": 0.75},
                    hovertext=[plain(f"{run}: {seconds:.1f} s") for _, seconds, run in points],
                    hoverinfo="text",
                )
            )
    for row, duration in enumerate(summary.durations):
        label(figure, duration.label, -row + 0.22)
    figure.update_yaxes(
        range=[-len(summary.durations) + 0.5, 0.75], fixedrange=True, showticklabels=False, zeroline=False
    )
    figure.update_xaxes(rangemode="tozero", ticksuffix=" s")
    return finish(figure, keys)
