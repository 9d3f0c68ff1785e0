"""What a look is worth, whatever is looked at."""

import time
from datetime import timedelta

import pytest
from pydantic import ValidationError

from include.chaos.platforms.commands import ProgramRunner
from include.chaos.probes.command import CommandPart, CommandProbe
from include.chaos.probes.sql import SqlProbe
from include.chaos.tolerances import Bounds, Tolerance

PATIENT = timedelta(seconds=60)


class SlowWarehouse:
    """Answers, in its own time."""

    def fetch_value(self, query: str) -> float:  # one answer for all
        """Give 1 after 20 ms."""
        began = time.perf_counter()
        while time.perf_counter() - began < 0.02:
            pass
        return 1.0


def command(*arguments: str, read: CommandPart, tolerance: Tolerance) -> CommandProbe:
    return CommandProbe(kind="command", name="it", command=arguments, read=read, tolerance=tolerance, timeout=PATIENT)


@pytest.mark.parametrize(("timeout", "value"), [(timedelta(milliseconds=10), None), (PATIENT, 1.0)])
def test_an_answer_that_comes_too_late_is_a_failed_look(timeout: timedelta, value: float | None) -> None:
    """However it came: a client's own limit may be coarser than the probe's."""
    probe = SqlProbe(kind="sql", name="slow", query="SELECT 1", timeout=timeout, tolerance=Tolerance(equals=1))
    seen = probe.measure(SlowWarehouse())
    assert (seen.ok, seen.value) == (value is not None, value)
    assert seen.ok or "later than the probe's timeout" in (seen.error or "")


def test_a_printed_number_is_held_against_bounds() -> None:
    """As the number that it is, also in multiples of the baseline."""
    bounds = Tolerance(at_most=4, ratio_to_baseline=Bounds(at_least=0.5))
    probe = command("echo", "3.5", read=CommandPart.NUMBER, tolerance=bounds)
    assert [probe.measure(ProgramRunner(), baseline).ok for baseline in (5, 10)] == [True, False]


def test_what_is_no_number_is_a_failed_look_that_says_so() -> None:
    """No value is made up."""
    probe = command("echo", "four", read=CommandPart.NUMBER, tolerance=Tolerance(at_most=4))
    seen = probe.measure(ProgramRunner())
    assert (seen.ok, seen.value, seen.error) == (False, None, "expected a number to be printed, got 'four'")


@pytest.mark.parametrize("tolerance", [Tolerance(at_most=4), Tolerance(equals=1), Tolerance(range=(0, 1))])
def test_bounds_of_a_text_are_refused_before_anything_runs(tolerance: Tolerance) -> None:
    """They could never hold: the start would never be healthy."""
    with pytest.raises(ValidationError, match="expected `read: number`"):
        command("echo", "3.5", read=CommandPart.STDOUT, tolerance=tolerance)
