"""Waiting for what must come, without a fixed time."""

import threading
from collections.abc import Callable

PATIENCE = 90.0


def await_(condition: Callable[[], bool], what: str = "the condition") -> None:
    """Return as soon as a condition holds; fail when it does not within a generous time."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        if condition():
            return
        waiting.wait(0.02)
    raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what} to come about")
