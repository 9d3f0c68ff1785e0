"""`blackhole`: connections are accepted and never answered, and those that are open fall silent."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from include.chaos.faults.abilities import Stream
from include.chaos.faults.network import Direction, ToxicFault
from include.chaos.model import Model


class Blackhole(Model, ToxicFault):
    """Accept connections to a server and never answer; swallow all data, both ways."""

    toxic: ClassVar[str] = "timeout"

    kind: Literal["blackhole"] = "blackhole"

    def streams(self) -> tuple[Stream, ...]:
        """Swallow both ways."""
        return Direction.BOTH.streams

    def attributes(self) -> Mapping[str, int | float]:
        """Never close."""
        return {"timeout": 0}
