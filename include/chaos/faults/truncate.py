"""`truncate`: each connection is closed once so many bytes have passed, in the middle of whatever they are."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.faults.abilities import Stream
from include.chaos.faults.network import Direction, ToxicFault
from include.chaos.model import Model


class Truncate(Model, ToxicFault):
    """Close each connection to a server after so many bytes."""

    toxic: ClassVar[str] = "limit_data"

    kind: Literal["truncate"] = "truncate"
    after_bytes: int = Field(gt=0, description="bytes that still pass on each connection")
    direction: Direction = Field(default=Direction.TO_CLIENT, description="whose bytes count, each direction alone")

    def streams(self) -> tuple[Stream, ...]:
        """Give the directions that are named."""
        return self.direction.streams

    def attributes(self) -> Mapping[str, int | float]:
        """Give the limit."""
        return {"bytes": self.after_bytes}
