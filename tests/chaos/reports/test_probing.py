"""A probe's figures are of the looks of their own period."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.chaos import events as e
from include.chaos.model import Measurement
from include.chaos.reports.content import build_report
from include.chaos.reports.probing import Division, Period, ProbeAccount, figures
from tests.chaos import journals
from tests.chaos.journals import at


def _probe(*, missed: int = 0) -> ProbeAccount:
    def change(t: float, body: e.Event) -> e.Event:
        if not isinstance(body, e.ProbeSampled):
            return body
        return body.model_copy(update={"missed": missed if 10 < t < 16 else 0})

    return build_report(journals.where(change)).probing.probes[0]


def test_each_look_is_in_one_period() -> None:
    """Before at 10 s, during until the undo at 15.4 s, recovering until steady at 16 s, then after."""
    looks = {period.period: period.looks for period in _probe().periods}
    assert looks == {Period.BEFORE: 12, Period.DURING: 11, Period.RECOVERING: 1, Period.AFTER: 48}


def test_shares_and_missed_looks_are_of_their_period() -> None:
    """Eleven unhealthy looks, each of which owed two more."""
    during = _probe(missed=2).periods[1]
    assert (during.healthy, during.missed, during.share_healthy) == (0, 22, 0.0)
    assert during.value is None


def test_a_value_that_is_no_number_has_no_figures() -> None:
    """Text and truth have no median."""

    def change(_t: float, body: e.Event) -> e.Event:
        if not isinstance(body, e.ProbeSampled):
            return body
        return body.model_copy(update={"measurement": Measurement(value="healthy", ok=True, latency=0.1)})

    before = build_report(journals.where(change)).probing.probes[0].periods[0]
    assert before.value is None
    assert before.latency
    assert before.latency.median == pytest.approx(0.1)


def test_the_spans_of_a_plot_s_table_hold_all_looks_once() -> None:
    """None is lost between them, and the last one is in."""
    probe = _probe()
    assert sum(span.looks for span in probe.spans) == probe.looks == 72


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60))
def test_figures_lie_in_their_order_and_leave_out_what_is_no_number(numbers: list[float]) -> None:
    """Not a number is left out; nothing has no figures."""
    found = figures(numbers)
    finite = [number for number in numbers if abs(number) < float("inf")]
    assert (found is None) == (not finite)
    if found:
        assert (found.min, found.max) == (min(finite), max(finite))
        assert found.min <= found.median <= found.max
        assert sum(number <= found.p95 for number in finite) >= 0.95 * len(finite)


def test_a_recovery_that_never_ended_lasts_to_the_end() -> None:
    """After is not measured then."""
    division = Division(faults=((at(10), at(15)),), recoveries=((at(10), None),))
    assert [division.period_of(at(t)) for t in (9, 10, 14.9, 15, 1000)] == [
        Period.BEFORE,
        Period.DURING,
        Period.DURING,
        Period.RECOVERING,
        Period.RECOVERING,
    ]


def test_a_fault_without_an_effect_needs_no_recovery() -> None:
    """What follows it is after it."""
    division = Division(faults=((at(10), at(15)),), recoveries=())
    assert division.period_of(at(15) + timedelta(seconds=0)) is Period.AFTER
