"""Waiting for what an act must bring about."""

import time
from collections.abc import Callable

from include.errors import PlatformError


def await_condition(condition: Callable[[], bool], *, within: float, every: float, complaint: str) -> None:
    """Return as soon as a condition holds; raise `PlatformError` with the complaint when it does not in time."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise PlatformError(complaint)
        time.sleep(every)
