"""The catalogue of fault kinds: a new kind is one line here."""

from typing import Annotated, Any

from pydantic import Field

from include.chaos.faults.base import FaultKind
from include.chaos.faults.crash_at import CrashAt
from include.chaos.faults.delay_at import DelayAt
from include.chaos.faults.kill import Kill
from include.chaos.faults.noop import Noop
from include.chaos.faults.pause import Pause
from include.chaos.faults.python import Python

KINDS: tuple[type[FaultKind[Any]], ...] = (
    CrashAt,
    DelayAt,
    Kill,
    Noop,
    Pause,
    Python,
)

Fault = Annotated[CrashAt | DelayAt | Kill | Noop | Pause | Python, Field(discriminator="kind")]
