"""The plot of the course shows what is short, and does not drown in what is many."""

import json
from datetime import timedelta

from include.chaos.rendering.course_plot import coalesce, plot_course, sketch_course
from include.chaos.reports.content import build_report
from include.chaos.reports.course import Health, HealthSpan
from tests.chaos import journals
from tests.chaos.rendering import pages


def _span(begins: float, lasts: float, health: Health) -> HealthSpan:
    at = journals.at(begins)
    return HealthSpan(probe="p", health=health, begins=at, ends=at + timedelta(seconds=lasts), looks=1)


def test_what_flaps_faster_than_a_pixel_is_drawn_as_the_worst_of_it() -> None:
    """Never as healthy; what can be seen stays as it is."""
    spans = [
        _span(0, 10, Health.HEALTHY),
        _span(10, 0.1, Health.OUT_OF_TOLERANCE),
        _span(10.1, 0.1, Health.HEALTHY),
        _span(10.2, 0.1, Health.HEALTHY),
        _span(10.3, 10, Health.HEALTHY),
    ]
    drawn = coalesce(spans, timedelta(seconds=1))
    assert [(span.health, span.looks) for span in drawn] == [
        (Health.HEALTHY, 1),
        (Health.OUT_OF_TOLERANCE, 3),
        (Health.HEALTHY, 1),
    ]
    assert drawn[1].ends == drawn[2].begins


def test_a_fault_of_an_instant_is_still_seen() -> None:
    """It is drawn as wide as a pixel."""
    course = build_report(journals.passing()).course
    fault = course.faults[0].model_copy(update={"ends": course.faults[0].begins})
    figure = json.loads(plot_course(course.model_copy(update={"faults": (fault,)})).figure)
    (bar,) = [trace for trace in figure["data"] if trace["name"] == "fault in force"]
    assert bar["x"][0] > 0


def test_each_thing_that_is_drawn_is_in_the_legend_once() -> None:
    """And nothing that is not drawn."""
    names = [key.name for key in plot_course(build_report(journals.passing()).course).legend]
    assert len(names) == len(set(names))
    assert "out of tolerance" in names
    assert "blind: no look" not in names


def test_the_sketch_without_scripts_has_the_same_bars() -> None:
    """Stages, faults, moments and stretches of health, each in its lane and within the picture."""
    course = build_report(journals.passing()).course
    sketch = plot_course(course).sketch
    assert sketch
    assert sketch.lanes == ("moments", "stage extract", "fault kill", "probe answers")
    assert len(sketch.strokes) == len(course.stages) + len(course.faults) + len(course.health)
    assert {stroke.lane for stroke in sketch.strokes} == {1, 2, 3}
    assert all(0 <= stroke.left <= stroke.left + stroke.width <= 1.001 for stroke in sketch.strokes)
    assert {mark.sign for mark in sketch.marks} >= {"▼", "▲", "★"}
    assert all(0 <= mark.left <= 1 for mark in sketch.marks)
    [shade] = sketch.shades
    assert 0 < shade.left < shade.left + shade.width < 1


def test_the_sketch_needs_no_plotly_and_is_the_same() -> None:
    """So that it can be drawn anew each second."""
    course = build_report(journals.passing()).course
    plot = plot_course(course)
    sketch, legend = sketch_course(course)
    assert sketch == plot.sketch
    assert set(legend) == set(plot.legend)


def test_a_try_whose_end_nobody_saw_does_not_cover_the_next() -> None:
    """It was lost sight of; the next one shows that it had ended."""
    course = build_report(journals.passing()).course
    unseen = course.stages[0].model_copy(update={"ends": None, "state": "running"})
    retry = course.stages[0].model_copy(update={"begins": journals.at(20), "try_number": 2})
    figure = json.loads(plot_course(course.model_copy(update={"stages": (unseen, retry)})).figure)
    (bar,) = [trace for trace in figure["data"] if trace["name"] == "stage: running"]
    assert bar["x"] == [(retry.begins - unseen.begins).total_seconds() * 1000]


def test_a_run_of_which_nothing_is_known_has_an_empty_plot() -> None:
    """Which is not an error."""
    assert plot_course(build_report(pages.opened_only()).course).legend == ()
