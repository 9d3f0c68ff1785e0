"""The plot of a run's course: stages, faults and what each probe saw, as lanes above one clock."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from include.chaos.rendering.figures import (
    BLUE,
    GREEN,
    GREY,
    LANE,
    ORANGE,
    RED,
    VIOLET,
    Key,
    Mark,
    Plot,
    Shade,
    Sketch,
    Stroke,
    finish,
    iso,
    label,
    new_figure,
    on_a_clock,
    plain,
    shade,
)
from include.chaos.reports.course import Course, Health, HealthSpan, StageBar
from include.chaos.reports.section import say

if TYPE_CHECKING:
    from plotly.graph_objects import Bar, Scatter

_HEALTH = {
    Health.HEALTHY: Key(name=Health.HEALTHY, colour=GREEN),
    Health.OUT_OF_TOLERANCE: Key(name=Health.OUT_OF_TOLERANCE, colour=RED, pattern="x"),
    Health.BLIND: Key(name="blind: no look", colour=GREY, pattern="."),
}
_FAULT = Key(name="fault in force", colour=ORANGE, pattern="/")
_MOMENTS = {
    "injected": ("triangle-down", Key(name="injected", colour=ORANGE, sign="▼")),
    "effect": ("x", Key(name="effect", colour=RED, sign="✖")),
    "detected": ("diamond", Key(name="detected by Airflow", colour=BLUE, sign="◆")),
    "recovered": ("triangle-up", Key(name="fault removed", colour=GREY, sign="▲")),
    "steady": ("circle", Key(name="steady again", colour=GREEN, sign="●")),
    "broken_read": ("hexagram", Key(name="consumers read no publication", colour=RED, sign="✶")),
    "landed": ("star", Key(name="landed", colour=VIOLET, sign="★")),
}
"""Neighbours in time lie in two rows, for they are often too close to be told apart in one."""

_Bar = tuple[int, datetime, datetime, str]
"""A lane, from when to when, and what it is."""

_Group = tuple[Key, list[_Bar]]

_NARROWEST = 1 / 1200
"""Of a plot's width: what is shorter is drawn as wide as a pixel, for it must not vanish."""

_MOST_BARS = 1500
"""More stretches of health than this are not drawn one by one; neighbours that are narrower than a pixel become one."""


def plot_course(course: Course) -> Plot:
    """Draw stages, faults and probes as lanes above one clock."""
    lanes, row, shortest = _layout(course)
    figure = new_figure(height=LANE * len(lanes) + 50)
    groups = [group for group in _groups(course, row, shortest) if group[1]]
    moments = list(_moments(course, row["moments"]))
    for trace in (*(trace for _, trace in moments), *(_bars(key, bars, shortest) for key, bars in groups)):
        figure.add_trace(trace)
    for name, at in row.items():
        label(figure, name, at + 0.24)
    shade(figure, course.faults, course.ends)
    figure.update_yaxes(visible=False, range=[-len(lanes) + 0.5, 0.75], fixedrange=True)
    figure.update_xaxes(on_a_clock(course.begins, course.ends))
    figure.update_layout(barmode="overlay", bargap=0)
    legend = dict.fromkeys(key for key, _ in (*moments, *groups))
    return finish(figure, legend, _sketch(course, lanes, groups))


def sketch_course(course: Course) -> tuple[Sketch, tuple[Key, ...]]:
    """Draw the same without plotly, for where it is drawn again each second; give the legend with it."""
    lanes, row, shortest = _layout(course)
    groups = [group for group in _groups(course, row, shortest) if group[1]]
    seen = {milestone.name for milestone in course.milestones}
    moments = [key for name, (_, key) in _MOMENTS.items() if name in seen]
    return _sketch(course, lanes, groups), tuple(dict.fromkeys([*moments, *(key for key, _ in groups)]))


def _layout(course: Course) -> tuple[tuple[str, ...], dict[str, int], timedelta]:
    """Give the lanes, their places, and the shortest time that is drawn in its length."""
    lanes = tuple(_lanes(course))
    shortest = max(course.ends - course.begins, timedelta(seconds=1)) * _NARROWEST
    return lanes, {name: -number for number, name in enumerate(lanes)}, shortest


def _sketch(course: Course, lanes: Sequence[str], groups: Sequence[_Group]) -> Sketch:
    """Draw bars, moments and the faults' shade without a script."""
    lasts = max(course.ends - course.begins, timedelta(seconds=1))
    strokes = [
        Stroke(
            lane=-lane,
            left=max((begins - course.begins) / lasts, 0),
            width=max((ends - begins) / lasts, _NARROWEST),
            colour=key.colour,
        )
        for key, bars in groups
        for lane, begins, ends, _ in bars
    ]
    return Sketch(
        lanes=tuple(lanes),
        strokes=tuple(strokes),
        begins=f"{course.begins:%H:%M:%S} UTC",
        ends=f"{course.ends:%H:%M:%S} UTC",
        marks=tuple(_marks(course, lasts)),
        shades=tuple(
            Shade(
                left=(fault.begins - course.begins) / lasts, width=((fault.ends or course.ends) - fault.begins) / lasts
            )
            for fault in course.faults
        ),
    )


def _marks(course: Course, lasts: timedelta) -> Iterator[Mark]:
    for number, (name, (_, key)) in enumerate(_MOMENTS.items()):
        for milestone in course.milestones:
            if milestone.name == name:
                left = min(max((milestone.at - course.begins) / lasts, 0), 1)
                yield Mark(left=left, row=number % 2, sign=key.sign, colour=key.colour, what=milestone.what)


def _lanes(course: Course) -> Iterator[str]:
    yield "moments"
    yield from dict.fromkeys(f"stage {bar.stage}" for bar in course.stages)
    yield from dict.fromkeys(f"fault {fault.strike}" for fault in course.faults)
    yield from dict.fromkeys(f"probe {span.probe}" for span in course.health)


def _groups(course: Course, row: dict[str, int], shortest: timedelta) -> Iterator[_Group]:
    yield from _stages(course, row)
    yield (
        _FAULT,
        [
            (row[f"fault {one.strike}"], one.begins, one.ends or course.ends, f"{one.fault} on {one.instance}")
            for one in course.faults
        ],
    )
    drawn = coalesce(course.health, shortest) if len(course.health) > _MOST_BARS else course.health
    for health, key in _HEALTH.items():
        spans = [
            (row[f"probe {span.probe}"], span.begins, span.ends, f"{span.probe}: {health}, {span.looks} looks")
            for span in drawn
            if span.health is health
        ]
        yield key, spans


def _stages(course: Course, row: dict[str, int]) -> Iterator[_Group]:
    for state in dict.fromkeys(bar.state for bar in course.stages):
        bars = [
            (row[f"stage {bar.stage}"], bar.begins, _until(bar, course), f"{bar.stage}, try {bar.try_number}")
            for bar in course.stages
            if bar.state == state
        ]
        colour = BLUE if state in ("success", "running") else RED
        yield Key(name=f"stage: {state or 'unknown'}", colour=colour, pattern="" if state == "success" else "/"), bars


def _until(bar: StageBar, course: Course) -> datetime:
    """Give when a try ended; one whose end nobody saw is drawn until the next try of its stage at most."""
    if bar.ends:
        return bar.ends
    later = [other.begins for other in course.stages if other.stage == bar.stage and other.begins > bar.begins]
    return min(later, default=course.ends)


def coalesce(spans: Sequence[HealthSpan], shortest: timedelta) -> list[HealthSpan]:
    """Join neighbours of one probe that are each too short to be seen; what is joined is the worst of them."""
    worse = list(Health)
    joined: list[HealthSpan] = []
    for span in spans:
        before = joined[-1] if joined else None
        if before and before.probe == span.probe and span.lasted < shortest and before.lasted < shortest:
            health = max(before.health, span.health, key=worse.index)
            looks = before.looks + span.looks
            joined[-1] = before.model_copy(update={"health": health, "ends": span.ends, "looks": looks})
        else:
            joined.append(span)
    return joined


def _moments(course: Course, row: int) -> "Iterator[tuple[Key, Scatter]]":
    from plotly.graph_objects import Scatter

    for number, (name, (symbol, key)) in enumerate(_MOMENTS.items()):
        if at := [milestone for milestone in course.milestones if milestone.name == name]:
            yield (
                key,
                Scatter(
                    x=[iso(milestone.at) for milestone in at],
                    y=[row - 0.22 + 0.3 * (number % 2)] * len(at),
                    mode="markers",
                    name=key.name,
                    marker={"symbol": symbol, "size": 11, "color": key.colour},
                    hovertext=[plain(milestone.what) for milestone in at],
                    hoverinfo="text+x",
                ),
            )


def _bars(key: Key, bars: Sequence[_Bar], shortest: timedelta) -> "Bar":
    from plotly.graph_objects import Bar

    pattern = {"shape": key.pattern, "size": 6, "fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.75}
    return Bar(
        orientation="h",
        y=[row for row, *_ in bars],
        base=[iso(begins) for _, begins, _, _ in bars],
        x=[max(ends - begins, shortest).total_seconds() * 1000 for _, begins, ends, _ in bars],
        width=0.4,
        name=plain(key.name),
        marker={"color": key.colour, "line": {"width": 0}, "pattern": pattern},
        hovertext=[f"{plain(what)}<br>{say(ends - begins)}" for _, begins, ends, what in bars],
        hoverinfo="text",
    )
