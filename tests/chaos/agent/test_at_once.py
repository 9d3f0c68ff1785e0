"""What is owed to several is done for all of them, and none waits for another."""

import threading

import pytest

from include.chaos.agent.at_once import all_at_once


def test_none_waits_for_another() -> None:
    """Three acts that each wait for the other two come to an end only when all run at the same time."""
    meeting = threading.Barrier(3, timeout=20)
    assert all_at_once(lambda _item: meeting.wait() >= 0, range(3))


def test_one_that_fails_takes_nothing_from_the_others() -> None:
    """All are done, whatever one of them says or raises; then it is told."""
    done: list[int] = []

    def act(item: int) -> bool:
        done.append(item)
        if item == 1:
            raise ValueError("one of three")
        return item == 2

    assert not all_at_once(lambda item: act(item) is None, [0, 2])
    with pytest.raises(ValueError, match="one of three"):
        all_at_once(act, [1, 2, 3])
    assert sorted(done) == [0, 1, 2, 2, 3]
