"""What is spent is taken off what time has given, and a little can be saved."""

from include.chaos.agent.allowance import Allowance
from tests.chaos.fakes import FakeClock


def test_what_was_saved_can_be_spent_at_once_and_no_more() -> None:
    """A few quick reads, then none until there is an allowance again."""
    clock = FakeClock()
    allowance = Allowance(clock=clock, share=0.1, most=0.5)
    allowance.spend(0.4)
    assert allowance.is_left()
    allowance.spend(0.2)
    assert not allowance.is_left()
    clock.advance(0.9)
    assert not allowance.is_left()
    clock.advance(0.2)
    assert allowance.is_left()


def test_no_more_than_the_most_is_saved() -> None:
    """A quiet hour is no reason to read for minutes."""
    clock = FakeClock()
    allowance = Allowance(clock=clock, share=0.1, most=0.5)
    clock.advance(3600)
    allowance.spend(0.5)
    assert not allowance.is_left()
