"""The toxics, one class a type: its fields are the attributes, named and measured as Toxiproxy does.

Each is a pure function of a chunk and of what it remembers of the connection. `corrupt` and the attribute
`expires_at` are our own; a real Toxiproxy refuses the one and ignores the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from include.fault_proxy.chunk import Chunk, Ending, Memory

_PIECES_A_SECOND = 10


class Toxic(BaseModel):
    """What is done to the chunks of one direction."""

    model_config = ConfigDict(frozen=True, extra="ignore")  # as Toxiproxy ignores what it does not know

    closes_when_removed: ClassVar[bool] = False
    """Whether a connection cannot go on after it, for it lacks what was swallowed."""

    expires_at: float | None = Field(default=None, description="unix seconds at which the proxy removes it by itself")

    def pass_on(self, chunk: Chunk, memory: Memory) -> Iterator[Chunk]:  # noqa: ARG002  # most need it
        """Give what becomes of a chunk."""
        yield chunk

    def closes_after(self) -> float | None:
        """Give the seconds after which a connection under it is closed; None for never."""
        return None


class Latency(Toxic):
    """Everything leaves `latency` ± `jitter` milliseconds later, in its order."""

    latency: int = Field(default=0, ge=0)
    jitter: int = Field(default=0, ge=0)

    def pass_on(self, chunk: Chunk, memory: Memory) -> Iterator[Chunk]:
        """Put off the chunk's leaving."""
        delay = self.latency + memory.chance.uniform(-self.jitter, self.jitter)
        yield replace(chunk, due=chunk.due + max(0.0, delay) / 1000)


class Bandwidth(Toxic):
    """At most `rate` kilobytes (1000 bytes) pass in a second; 0 is no limit."""

    rate: int = Field(default=0, ge=0)

    def pass_on(self, chunk: Chunk, memory: Memory) -> Iterator[Chunk]:
        """Cut the chunk into tenths of a second, each of which leaves when it would have been sent."""
        if not self.rate or not chunk.data:
            yield chunk
            return
        bytes_a_second = self.rate * 1000
        size = max(1, int(bytes_a_second / _PIECES_A_SECOND))
        starts = range(0, len(chunk.data), size)
        for start in starts:
            piece = chunk.data[start : start + size]
            memory.free_at = max(memory.free_at, chunk.due) + len(piece) / bytes_a_second
            yield Chunk(data=piece, due=memory.free_at, then=chunk.then if start == starts[-1] else None)


class SlowClose(Toxic):
    """The end of the stream comes `delay` milliseconds late."""

    delay: int = Field(default=0, ge=0)

    def pass_on(self, chunk: Chunk, memory: Memory) -> Iterator[Chunk]:  # noqa: ARG002  # nothing to remember
        """Put off an end."""
        yield replace(chunk, due=chunk.due + self.delay / 1000) if chunk.then is Ending.END_OF_STREAM else chunk


class Timeout(Toxic):
    """Data are swallowed; after `timeout` milliseconds the connection is closed, with 0 when this is removed."""

    closes_when_removed: ClassVar[bool] = True

    timeout: int = Field(default=0, ge=0)

    def pass_on(self, chunk: Chunk, memory: Memory) -> Iterator[Chunk]:  # noqa: ARG002  # nothing to remember
        """Let an end pass, and nothing else."""
        if chunk.then is not None:
            yield replace(chunk, data=b"")

    def closes_after(self) -> float | None:
        """Close after the timeout, if there is one."""
        return self.timeout / 1000 or None


class ResetPeer(Toxic):
    """The connection is reset (RST on both sides) `timeout` milliseconds after the next data."""

    timeout: int = Field(default=0, ge=0)

    def pass_on(self, chunk: Chunk, memory: Memory) -> Iterator[Chunk]:  # noqa: ARG002  # nothing to remember
        """Put a reset in the place of data."""
        if chunk.data:
            yield Chunk(data=b"", due=chunk.due + self.timeout / 1000, then=Ending.RESET)
        else:
            yield chunk


class LimitData(Toxic):
    """The connection is closed once `bytes` bytes have passed."""

    bytes: int = Field(default=0, ge=0)

    def pass_on(self, chunk: Chunk, memory: Memory) -> Iterator[Chunk]:
        """Cut the chunk that reaches the limit."""
        room = max(0, self.bytes - memory.passed)
        memory.passed += min(room, len(chunk.data))
        if chunk.data and len(chunk.data) >= room:
            yield Chunk(data=chunk.data[:room], due=chunk.due, then=Ending.CLOSE)
        else:
            yield chunk


class Corrupt(Toxic):
    """In a `share` of the chunks one bit is flipped. Our own: Toxiproxy has nothing like it."""

    share: float = Field(default=1.0, gt=0, le=1)

    def pass_on(self, chunk: Chunk, memory: Memory) -> Iterator[Chunk]:
        """Flip a bit, if the dice say so."""
        if not chunk.data or memory.chance.random() >= self.share:
            yield chunk
            return
        damaged = bytearray(chunk.data)
        damaged[memory.chance.randrange(len(damaged))] ^= 1 << memory.chance.randrange(8)
        yield replace(chunk, data=bytes(damaged))


TYPES: Mapping[str, type[Toxic]] = {
    "latency": Latency,
    "bandwidth": Bandwidth,
    "slow_close": SlowClose,
    "timeout": Timeout,
    "reset_peer": ResetPeer,
    "limit_data": LimitData,
    "corrupt": Corrupt,
}
"""The toxics by the names that requests give them."""
