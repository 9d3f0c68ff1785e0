"""`corrupt`: bits are flipped on the way, as a broken switch does it whose checksums are right again."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.faults.abilities import Stream
from include.chaos.faults.network import Direction, ToxicFault
from include.chaos.model import Model, Share


class Corrupt(Model, ToxicFault):
    """Flip a bit in a share of what passes to or from a server."""

    toxic: ClassVar[str] = "corrupt"

    kind: Literal["corrupt"] = "corrupt"
    share: Share = Field(description="share of the pieces, as the proxy reads them, in which one bit is flipped")
    direction: Direction = Direction.TO_CLIENT

    def streams(self) -> tuple[Stream, ...]:
        """Give the directions that are named."""
        return self.direction.streams

    def attributes(self) -> Mapping[str, int | float]:
        """Give the share."""
        return {"share": self.share}
