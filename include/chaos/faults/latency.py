"""`latency`: whatever goes to or comes from a server is on its way for longer, on connections old and new."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.faults.abilities import Stream
from include.chaos.faults.network import MILLISECOND, Direction, ToxicFault
from include.chaos.model import Duration, Model


class Latency(Model, ToxicFault):
    """Delay all data on the way to or from a server."""

    toxic: ClassVar[str] = "latency"

    kind: Literal["latency"] = "latency"
    latency: Duration = Field(description="how much later data leave", gt=timedelta(0))
    jitter: Duration = Field(default=timedelta(0), description="by how much that varies, either way", ge=timedelta(0))
    direction: Direction = Field(
        default=Direction.TO_CLIENT, description="`to_client` delays each round trip once, `both` twice"
    )

    def streams(self) -> tuple[Stream, ...]:
        """Give the directions that are named."""
        return self.direction.streams

    def attributes(self) -> Mapping[str, int | float]:
        """Give both in milliseconds."""
        return {"latency": round(self.latency / MILLISECOND), "jitter": round(self.jitter / MILLISECOND)}
