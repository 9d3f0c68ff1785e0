"""`bandwidth`: a server is reached over a thin line."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.faults.abilities import Stream
from include.chaos.faults.network import Direction, ToxicFault
from include.chaos.model import Model


class Bandwidth(Model, ToxicFault):
    """Limit how much passes to or from a server in a second."""

    toxic: ClassVar[str] = "bandwidth"

    kind: Literal["bandwidth"] = "bandwidth"
    rate: int = Field(gt=0, description="kilobytes (1000 bytes) a second, for each connection and direction")
    direction: Direction = Direction.BOTH

    def streams(self) -> tuple[Stream, ...]:
        """Give the directions that are named."""
        return self.direction.streams

    def attributes(self) -> Mapping[str, int | float]:
        """Give the rate."""
        return {"rate": self.rate}
