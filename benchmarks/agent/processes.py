"""What processes use, those included that come and go: folded from looks, so that nothing counts twice."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A process at one look; `seconds` are its CPU time and that of its children that ended and were waited for."""

    pid: int
    started_at: float
    parent: int
    seconds: float


class CpuLedger:
    """Adds up the CPU seconds of a changing set of processes since the first look.

    What a process used that has ended is its parent's from then on, where the parent is in the set. Of one whose
    parent is not, what it used up to the last look counts.
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._last: dict[tuple[int, float], Seen] = {}
        self._ended = 0.0
        self._began: float | None = None

    def note(self, seen: Iterable[Seen]) -> None:
        """Take a look into account."""
        now = {(process.pid, process.started_at): process for process in seen}
        parents = {process.pid for process in self._last.values()}
        self._ended += sum(
            process.seconds
            for identity, process in self._last.items()
            if identity not in now and process.parent not in parents
        )
        self._last = now
        if self._began is None:
            self._began = self._total()

    @property
    def spent(self) -> float:
        """CPU seconds since the first look."""
        return self._total() - (self._began or 0.0)

    def _total(self) -> float:
        return self._ended + sum(process.seconds for process in self._last.values())


def below(seen: Iterable[Seen], root: int) -> list[Seen]:
    """Give a process and all that descend from it."""
    everything = list(seen)
    found = [process for process in everything if process.pid == root]
    for ancestor in found:  # grows while it is walked
        found.extend(process for process in everything if process.parent == ancestor.pid)
    return found


def look_at(processes: Iterable[psutil.Process]) -> Iterator[Seen]:
    """Look at those that still live."""
    for process in processes:
        try:
            with process.oneshot():
                times = process.cpu_times()
                yield Seen(
                    pid=process.pid,
                    started_at=process.create_time(),
                    parent=process.ppid(),
                    seconds=times.user + times.system + times.children_user + times.children_system,
                )
        except psutil.NoSuchProcess:
            continue


def memory_of(processes: Iterable[int]) -> tuple[int, int]:
    """Give the resident and the proportional memory of processes, in bytes; one that has ended has none."""
    resident = proportional = 0
    for pid in processes:
        try:
            told = psutil.Process(pid).memory_full_info()
        except psutil.NoSuchProcess:
            continue
        resident, proportional = resident + told.rss, proportional + told.pss
    return resident, proportional
