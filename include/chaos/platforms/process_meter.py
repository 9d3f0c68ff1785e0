"""What the processes of a lab's components use; each probe has a meter of its own, as CPU counts from look to look."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import psutil

from include.chaos.model import Component, Target, TargetInstance
from include.errors import PlatformError


class InstanceFinder(Protocol):
    """What the meter needs of a platform."""

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        """Find the running instances that a target names; raise `PlatformError` when one does not run."""
        ...

    def is_running(self, instance: TargetInstance) -> bool:
        """Tell whether the instance itself runs, not only what holds it down."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _CpuReading:
    at: float
    seconds: float


class ProcessMeter:
    """Finds the processes when it does not know them, and again when one has gone: asking the supervisor is dear."""

    def __init__(self, find: Callable[[], InstanceFinder]) -> None:
        """Remember how to get at the platform; the first look does."""
        self._find = find
        self._known: list[psutil.Process] = []
        self._last: _CpuReading | None = None

    def count_running(self, component: Component, instances: tuple[str, ...]) -> int:
        """Count the instances that run; raise `PlatformError` naming one that does not."""
        return len(self._processes(component, instances))

    def cpu_percent(self, component: Component, instances: tuple[str, ...]) -> float:
        """Give the use of one core since the last look, at first since the start, children included."""
        with self._watching(component, instances) as processes:
            now = _CpuReading(at=time.time(), seconds=sum(map(_cpu_seconds, _with_children(processes))))
            last = self._last or _CpuReading(at=min(process.create_time() for process in processes), seconds=0.0)
        self._last = now
        return 100 * max(0.0, now.seconds - last.seconds) / max(now.at - last.at, 0.001)

    def resident_bytes(self, component: Component, instances: tuple[str, ...]) -> int:
        """Give the resident memory, children included; pages that they share are counted for each."""
        with self._watching(component, instances) as processes:
            return sum(process.memory_info().rss for process in _with_children(processes))

    @contextmanager
    def _watching(self, component: Component, instances: tuple[str, ...]) -> Iterator[list[psutil.Process]]:
        try:
            yield self._processes(component, instances)
        except psutil.NoSuchProcess as error:
            raise PlatformError(f"{component}: its process {error.pid} has just ended") from error

    def _processes(self, component: Component, instances: tuple[str, ...]) -> list[psutil.Process]:
        if not self._known or not all(process.is_running() for process in self._known):
            self._known, self._last = [], None
            self._known = self._find_running(Target(component=component, instances=instances))
        return self._known

    def _find_running(self, target: Target) -> list[psutil.Process]:
        finder = self._find()
        found = finder.resolve(target)
        for instance in found:
            if not finder.is_running(instance):
                raise PlatformError(f"{instance.name}: held down, so it does not run")
        try:
            return [psutil.Process(instance.pid) for instance in found]
        except psutil.NoSuchProcess as error:
            raise PlatformError(f"{target.component}: its process {error.pid} has just ended") from error


def _with_children(processes: list[psutil.Process]) -> Iterator[psutil.Process]:
    for process in processes:
        yield process
        yield from process.children(recursive=True)


def _cpu_seconds(process: psutil.Process) -> float:
    """Give a process's CPU time with that of its children that have ended; a child that is just ending has none."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
