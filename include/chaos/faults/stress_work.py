"""What a stressor does, as it is told to the process that does it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from include.chaos.model import Model, Share


class CpuWork(Model):
    """Compute in that many processes, for that share of the time each."""

    kind: Literal["cpu"] = "cpu"
    workers: int
    load: Share


class MemoryWork(Model):
    """Keep that much memory in use, in one process, and give all of it up when less than `keep_free` is available."""

    kind: Literal["memory"] = "memory"
    size: int
    keep_free: int


class DiskWork(Model):
    """Write, flush to the disk and read again in that many processes, in nameless files of that folder."""

    kind: Literal["disk"] = "disk"
    workers: int
    folder: Path


StressWork = Annotated[CpuWork | MemoryWork | DiskWork, Field(discriminator="kind")]
