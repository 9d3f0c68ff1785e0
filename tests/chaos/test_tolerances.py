"""Tolerances accept what is healthy, and nothing else; each look can be judged again from its journal."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from include.chaos import events as e
from include.chaos.baseline import baseline_median
from include.chaos.journal import JournalEntry
from include.chaos.model import Measurement
from include.chaos.tolerances import Bounds, Tolerance, Value

BODY = '{"metadatabase": {"status": "healthy"}, "tries": [1, 2.5], "odd.key": true, "none": null}'


@pytest.mark.parametrize(
    ("said", "healthy", "unhealthy"),
    [
        ({"equals": 1}, [1, 1.0], [2, "1", True, None]),
        ({"equals": "ok"}, ["ok"], ["OK", 1, True]),
        ({"equals": True}, [True], [1, "true", False]),
        ({"at_least": 2}, [2, 3], [1.9, "3", True, None]),
        ({"at_most": 2}, [2, -1], [2.1, "1", float("nan")]),
        ({"at_least": 1, "at_most": 2}, [1, 1.5, 2], [0, 3]),
        ({"range": [1, 2]}, [1, 1.5, 2], [0.9, 2.1, "1.5"]),
        ({"regex": "^(running|success)$"}, ["running", "success"], ["failed", "running soon"]),
        ({"regex": "^20[0-9]$"}, [200, 204.0], [404, True]),
        ({"regex": "true"}, [True], [False]),
        ({"json_path": {"path": "metadatabase.status", "equals": "healthy"}}, [BODY], ["{}", "no JSON", 1, None]),
        ({"json_path": {"path": "$.metadatabase.status", "regex": "^h"}}, [BODY], ['{"metadatabase": []}']),
        ({"json_path": {"path": "tries[1]", "range": [2, 3]}}, [BODY], ['{"tries": [1]}', '{"tries": {"1": 2.5}}']),
        ({"json_path": {"path": '["odd.key"]', "equals": True}}, [BODY], ['{"odd": {"key": true}}']),
        ({"json_path": {"path": "metadatabase", "regex": "healthy"}}, [], [BODY]),
        ({"json_path": {"path": "none", "equals": False}}, [], [BODY]),
    ],
)
def test_a_tolerance_accepts_what_is_healthy_and_nothing_else(
    said: dict[str, object], healthy: list[Value], unhealthy: list[Value]
) -> None:
    """Each kind of tolerance by examples; text is no number, true is not 1, and nothing is never healthy."""
    tolerance = Tolerance.model_validate(said)
    assert [value for value in healthy if not tolerance.accepts(value)] == []
    assert [value for value in unhealthy if tolerance.accepts(value)] == []


def test_everything_that_is_said_must_hold() -> None:
    """Two conditions are an and."""
    tolerance = Tolerance(regex="^2", at_most=250)
    assert tolerance.accepts(200)
    assert not tolerance.accepts(299)
    assert not tolerance.accepts(100)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"equals": None},
        {"ratio_to_baseline": {}},
        {"json_path": {"path": "a"}},
        {"json_path": {"equals": 1}},
        {"json_path": {"path": "a..b", "equals": 1}},
        {"json_path": {"path": "$..b", "equals": 1}},
        {"json_path": {"path": "", "equals": 1}},
        {"regex": "("},
        {"at_least": 2, "at_most": 1},
        {"range": [2, 1]},
        {"at_lest": 1},
    ],
)
def test_a_tolerance_that_says_nothing_or_nonsense_is_refused(said: dict[str, object]) -> None:
    """An empty tolerance would accept everything, so that a probe would look like health."""
    with pytest.raises(ValidationError):
        Tolerance.model_validate(said)


def test_a_ratio_is_held_against_the_baseline() -> None:
    """Twice the median is the bound; before there is a median, any number will do and text will not."""
    tolerance = Tolerance(ratio_to_baseline=Bounds(at_least=0.5, at_most=2))
    assert [tolerance.accepts(value, baseline=10.0) for value in (4.9, 5, 20, 20.1)] == [False, True, True, False]
    assert tolerance.accepts(1000.0)
    assert not tolerance.accepts("1000")
    assert not tolerance.accepts(None)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(min_value=0, max_value=1e6), st.booleans())
def test_no_value_is_accepted_above_its_bound(value: float, bound: float, against_baseline: bool) -> None:  # noqa: FBT001
    """Whatever the value and the bound, accepted means not above it."""
    if against_baseline:
        tolerance = Tolerance(ratio_to_baseline=Bounds(at_most=1))
        assert tolerance.accepts(value, baseline=bound) == (value <= bound)
    else:
        assert Tolerance(at_most=bound).accepts(value) == (value <= bound)


def _journal(*bodies: e.Event) -> list[JournalEntry]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        JournalEntry(seq=seq, at=start + timedelta(seconds=seq), mono=float(seq), body=body)
        for seq, body in enumerate(bodies, start=1)
    ]


def _look(value: Value, probe: str = "latency") -> e.ProbeSampled:
    return e.ProbeSampled(probe=probe, measurement=Measurement(value=value, ok=value is not None, latency=0.1))


MEASURED = e.BaselineMeasured(unhealthy=())


def test_the_baseline_is_the_median_of_the_looks_before_it_was_measured() -> None:
    """Later looks, other probes' looks, failed looks and text do not count."""
    entries = _journal(
        _look(1), _look(5), _look(100, "other"), _look(None), _look(2), _look("text"), MEASURED, _look(900)
    )
    assert baseline_median(entries, "latency") == 2


def test_there_is_no_baseline_until_it_is_measured() -> None:
    """The looks that will make the baseline are not judged by a part of themselves."""
    assert baseline_median(_journal(_look(1), _look(2)), "latency") is None
    assert baseline_median(_journal(_look(None), MEASURED), "latency") is None


def test_a_look_is_judged_the_same_from_its_journal_line() -> None:
    """What was written and read back gives the same median, and so the same judgement."""
    entries = [JournalEntry.from_line(entry.to_line().rstrip("\n")) for entry in _journal(_look(0.1), MEASURED)]
    tolerance = Tolerance(ratio_to_baseline=Bounds(at_most=3))
    assert tolerance.accepts(0.3, baseline=baseline_median(entries, "latency"))
    assert not tolerance.accepts(0.31, baseline=baseline_median(entries, "latency"))
