"""The catalogue of fault kinds: a new kind is one line here."""

from typing import Annotated, Any

from pydantic import Field

from include.chaos.faults.bandwidth import Bandwidth
from include.chaos.faults.base import FaultKind
from include.chaos.faults.blackhole import Blackhole
from include.chaos.faults.corrupt import Corrupt
from include.chaos.faults.crash_at import CrashAt
from include.chaos.faults.delay_at import DelayAt
from include.chaos.faults.kill import Kill
from include.chaos.faults.latency import Latency
from include.chaos.faults.noop import Noop
from include.chaos.faults.partition import Partition
from include.chaos.faults.pause import Pause
from include.chaos.faults.reset import Reset
from include.chaos.faults.slow_close import SlowClose
from include.chaos.faults.truncate import Truncate

KINDS: tuple[type[FaultKind[Any]], ...] = (
    Bandwidth,
    Blackhole,
    Corrupt,
    CrashAt,
    DelayAt,
    Kill,
    Latency,
    Noop,
    Partition,
    Pause,
    Reset,
    SlowClose,
    Truncate,
)

Fault = Annotated[
    Bandwidth
    | Blackhole
    | Corrupt
    | CrashAt
    | DelayAt
    | Kill
    | Latency
    | Noop
    | Partition
    | Pause
    | Reset
    | SlowClose
    | Truncate,
    Field(discriminator="kind"),
]
