"""Times by the wall clock and by the processors', and what is said of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter, process_time
from typing import Self, TypeVar

import psutil

T = TypeVar("T")

_WHOLE_FROM = 100
"""Numbers from here on are written without decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The seconds that each run took to do `items` things; the median run counts.

    `cpu_seconds` are what all processes below this one used in each run: clients, JVM, workers and servers. `unit` is
    what a thing is called; without one, seconds are shown and not a rate.
    """

    seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]
    items: int = 1
    unit: str = ""

    @property
    def middle(self) -> float:
        """Seconds of the median run."""
        return median(self.seconds)

    @property
    def each(self) -> float:
        """Seconds for one thing."""
        return self.middle / self.items

    @property
    def cpu_each(self) -> float:
        """Seconds of CPU for one thing."""
        return median(self.cpu_seconds) / self.items

    def of(self, items: int, unit: str) -> Self:
        """Say what was done in that time, when it is known only afterwards."""
        return replace(self, items=items, unit=unit)

    def scaled_to(self, items: int) -> Self:
        """Estimate more of the same."""
        factor = items / self.items
        return replace(
            self,
            seconds=tuple(run * factor for run in self.seconds),
            cpu_seconds=tuple(run * factor for run in self.cpu_seconds),
            items=items,
        )

    def __add__(self, other: "Measured") -> "Measured":
        """Add the median of what came after; a sum has one run."""
        return Measured(
            seconds=(self.middle + other.middle,),
            cpu_seconds=(median(self.cpu_seconds) + median(other.cpu_seconds),),
        )

    def __str__(self) -> str:
        """Show the rate or the seconds, and how far the runs were apart."""
        shown = f"{number(self.items / self.middle)} {self.unit}/s" if self.unit else f"{number(self.middle)} s"
        if len(self.seconds) == 1:
            return shown
        return f"{shown} ±{(max(self.seconds) - min(self.seconds)) / 2 / self.middle:.0%}"


def number(value: float) -> str:
    """Write a number with as many decimals as are worth reading."""
    if value >= _WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def timed(work: Callable[[], T], *, runs: int = 1, items: int = 1, unit: str = "") -> tuple[T, Measured]:
    """Do the work so many times; give its last result and its times."""
    seconds, cpu_seconds = [], []
    for _ in range(runs):
        others, own, start = _cpu_of_descendants(), process_time(), perf_counter()
        result = work()
        seconds.append(perf_counter() - start)
        cpu_seconds.append(process_time() - own + _cpu_of_descendants() - others)
    return result, Measured(seconds=tuple(seconds), cpu_seconds=tuple(cpu_seconds), items=items, unit=unit)


def _cpu_of_descendants() -> float:
    """Add up the CPU seconds of all processes that this one has started, directly or not, and of those that ended."""
    here = psutil.Process()
    ended = here.cpu_times()
    return ended.children_user + ended.children_system + sum(map(_cpu_of, here.children(recursive=True)))


def _cpu_of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0  # its parent counts it from now on
    return float(times.user + times.system + times.children_user + times.children_system)
