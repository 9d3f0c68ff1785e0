"""`process`: whether a component's processes run, and what they use."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import Field

from include.chaos.model import Component, Measurement
from include.chaos.probes.base import Every, ProbeBase


class ProcessFigure(StrEnum):
    """What of the processes is looked at."""

    RUNNING = "running"
    CPU = "cpu"
    RSS = "rss"


class ProcessReader(Protocol):
    """What `process` needs of a platform: figures of the named instances, or of all, with their children's.

    Each raises `PlatformError` naming an instance that does not run.
    """

    def count_running(self, component: Component, instances: tuple[str, ...]) -> int:
        """Count the instances that run."""
        ...

    def cpu_percent(self, component: Component, instances: tuple[str, ...]) -> float:
        """Give the use of one core since the last look."""
        ...

    def resident_bytes(self, component: Component, instances: tuple[str, ...]) -> int:
        """Give the resident memory."""
        ...


class ProcessProbe(ProbeBase):
    """How many instances run, or their CPU or memory together; one that should run and does not is a failed look."""

    kind: Literal["process"]
    component: Component
    instances: tuple[str, ...] = Field(default=(), description="all of the component's when not named")
    read: ProcessFigure = Field(
        default=ProcessFigure.RUNNING,
        description="the value: instances that run, percent of a core since the last look, or resident bytes",
    )
    every: Every = timedelta(milliseconds=500)

    def measure(self, processes: ProcessReader, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: self._see(processes), baseline)

    def _see(self, processes: ProcessReader) -> float:
        match self.read:
            case ProcessFigure.RUNNING:
                return processes.count_running(self.component, self.instances)
            case ProcessFigure.CPU:
                return processes.cpu_percent(self.component, self.instances)
            case ProcessFigure.RSS:
                return processes.resident_bytes(self.component, self.instances)
