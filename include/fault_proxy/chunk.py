"""What passes through the proxy: pieces of a stream, each with the moment at which it leaves."""

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Stream(StrEnum):
    """A direction, in Toxiproxy's words."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


class Ending(StrEnum):
    """What follows a chunk when it is the last one."""

    END_OF_STREAM = "end_of_stream"
    CLOSE = "close"
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a stream, perhaps empty; `due` is on the event loop's clock."""

    data: bytes
    due: float
    then: Ending | None = None


@dataclass(slots=True)
class Memory:
    """What a toxic remembers of one direction of one connection."""

    passed: int = 0
    free_at: float = 0.0
    chance: Random = field(default_factory=Random)
