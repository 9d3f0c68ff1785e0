"""`slow_close`: connections that one side has closed stay open on the other for a while."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.faults.abilities import Stream
from include.chaos.faults.network import MILLISECOND, Direction, ToxicFault
from include.chaos.model import Duration, Model


class SlowClose(Model, ToxicFault):
    """Let the end of each connection to a server arrive late."""

    toxic: ClassVar[str] = "slow_close"

    kind: Literal["slow_close"] = "slow_close"
    delay: Duration = Field(description="how much later the other side learns of a close", gt=timedelta(0))
    direction: Direction = Direction.BOTH

    def streams(self) -> tuple[Stream, ...]:
        """Give the directions that are named."""
        return self.direction.streams

    def attributes(self) -> Mapping[str, int | float]:
        """Give the delay in milliseconds."""
        return {"delay": round(self.delay / MILLISECOND)}
