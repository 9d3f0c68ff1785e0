"""`reset`: connections break with RST as soon as anything is said on them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.faults.abilities import Stream
from include.chaos.faults.network import MILLISECOND, Direction, ToxicFault
from include.chaos.model import Duration, Model


class Reset(Model, ToxicFault):
    """Reset each connection to a server (RST) when data pass."""

    toxic: ClassVar[str] = "reset_peer"

    kind: Literal["reset"] = "reset"
    after: Duration = Field(default=timedelta(0), description="time from those data to the reset", ge=timedelta(0))
    direction: Direction = Field(
        default=Direction.BOTH, description="`to_client` lets a request through and resets instead of the answer"
    )

    def streams(self) -> tuple[Stream, ...]:
        """Give the directions that are named."""
        return self.direction.streams

    def attributes(self) -> Mapping[str, int | float]:
        """Give the time in milliseconds."""
        return {"timeout": round(self.after / MILLISECOND)}
