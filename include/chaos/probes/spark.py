"""`spark`: processes that running Spark jobs have lost and not got back."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import Field

from include.chaos.model import Measurement
from include.chaos.probes.base import Every, ProbeBase


class SparkPart(StrEnum):
    """Which processes of a job are looked at."""

    EXECUTORS = "executors"
    PYTHON_WORKERS = "python_workers"


class SparkReader(Protocol):
    """What `spark` needs of a platform."""

    def lost(self, part: SparkPart, timeout: float) -> int:
        """Count what running jobs have lost; raise `PlatformError` when a driver does not answer in time."""
        ...


class SparkProbe(ProbeBase):
    """How many processes are missing of the most that a running job has had; a loss shows for a second at least.

    Without a running job nothing is missing: jobs begin and end, and so do their processes.
    """

    kind: Literal["spark"]
    part: SparkPart = Field(description="what is counted")
    every: Every = timedelta(milliseconds=500)

    def measure(self, spark: SparkReader, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: self._see(spark), baseline)

    def _see(self, spark: SparkReader) -> int:
        return spark.lost(self.part, self.patience)
