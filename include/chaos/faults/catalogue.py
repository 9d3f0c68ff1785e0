"""The catalogue of fault kinds: a new kind is one line here."""

from typing import Annotated, Any

from pydantic import Field

from include.chaos.faults.base import FaultKind
from include.chaos.faults.clock_skew import ClockSkew
from include.chaos.faults.cpu_stress import CpuStress
from include.chaos.faults.crash_at import CrashAt
from include.chaos.faults.crash_loop import CrashLoop
from include.chaos.faults.delay_at import DelayAt
from include.chaos.faults.file_descriptor_exhaustion import FileDescriptorExhaustion
from include.chaos.faults.io_stress import IoStress
from include.chaos.faults.kill import Kill
from include.chaos.faults.memory_stress import MemoryStress
from include.chaos.faults.noop import Noop
from include.chaos.faults.pause import Pause
from include.chaos.faults.restart import Restart

KINDS: tuple[type[FaultKind[Any]], ...] = (
    ClockSkew,
    CpuStress,
    CrashAt,
    CrashLoop,
    DelayAt,
    FileDescriptorExhaustion,
    IoStress,
    Kill,
    MemoryStress,
    Noop,
    Pause,
    Restart,
)

Fault = Annotated[
    ClockSkew
    | CpuStress
    | CrashAt
    | CrashLoop
    | DelayAt
    | FileDescriptorExhaustion
    | IoStress
    | Kill
    | MemoryStress
    | Noop
    | Pause
    | Restart,
    Field(discriminator="kind"),
]
