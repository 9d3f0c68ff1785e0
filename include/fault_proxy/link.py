"""One direction of one connection: chunks go in, through the toxics, and out when they are due.

Without a toxic a chunk goes straight to the other end: nothing is queued, and no task or timer exists.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from include.fault_proxy.chunk import Chunk, Ending, Memory, Stream
from include.fault_proxy.toxics import Toxic

_HELD_BYTES = 8 * 2**20
"""How much may wait to be due before no more is read: the link's own window, as it were."""


class Sink(Protocol):
    """Where a link ends."""

    def write(self, data: bytes) -> None:
        """Send to the other end."""
        ...

    def end_stream(self) -> None:
        """Say that no more comes."""
        ...


class Holder(Protocol):
    """The connection that a link belongs to."""

    def close(self) -> None:
        """End both sides, with what was written still sent."""
        ...

    def reset(self) -> None:
        """End both sides with RST."""
        ...

    def regulate(self) -> None:
        """Read on, or stop reading, as the links have room."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A toxic in its place, as the proxy keeps it."""

    name: str
    type: str
    stream: Stream
    toxicity: float
    toxic: Toxic


@dataclass(slots=True)
class _Under:
    """A toxic that a link is under, and what it remembers of it; `spared` by the toxicity's dice."""

    placed: Placed
    memory: Memory
    spared: bool
    closing: asyncio.TimerHandle | None = None


class Link:
    """The way of one stream."""

    def __init__(self, *, stream: Stream, sink: Sink, holder: Holder, chance: Random) -> None:
        """Lead to `sink`; under no toxic yet."""
        self._stream = stream
        self._sink = sink
        self._holder = holder
        self._chance = chance
        self._loop = asyncio.get_running_loop()
        self._under: dict[str, _Under] = {}
        self._toxics: list[tuple[Toxic, Memory]] = []
        self._waiting: deque[Chunk] = deque()
        self._held = 0
        self._timer: asyncio.TimerHandle | None = None

    def take(self, data: bytes) -> None:
        """Pass on what has arrived."""
        if self._toxics or self._waiting:
            self._put(Chunk(data=data, due=self._loop.time()))
        else:
            self._sink.write(data)

    def take_end(self) -> None:
        """Pass on that no more comes, after what waits."""
        self._put(Chunk(data=b"", due=self._loop.time(), then=Ending.END_OF_STREAM))

    def has_room(self) -> bool:
        """Tell whether more may be read."""
        return self._held < _HELD_BYTES

    def come_under(self, toxics: Mapping[str, Placed]) -> None:
        """Be under these toxics from now on; what is under way past a removed one is due at once."""
        mine = {name: placed for name, placed in toxics.items() if placed.stream is self._stream}
        removed = [self._under.pop(name) for name in self._under.keys() - mine.keys()]
        for name, placed in mine.items():
            self._place(name, placed)
        self._toxics = [(u.placed.toxic, u.memory) for u in self._under.values() if not u.spared]
        if any(under.placed.toxic.closes_when_removed and not under.spared for under in removed):
            self._holder.close()
        elif removed:
            self._waiting = deque(replace(chunk, due=0.0) for chunk in self._waiting)
            self._send_what_is_due()

    def stop(self) -> None:
        """Forget what waits: the connection is no more."""
        self._waiting.clear()
        self._toxics = []
        for timer in (self._timer, *(under.closing for under in self._under.values())):
            if timer:
                timer.cancel()
        self._under.clear()

    def _place(self, name: str, placed: Placed) -> None:
        if under := self._under.get(name):
            under.placed = placed
            return
        under = _Under(placed, Memory(chance=self._chance), spared=self._chance.random() >= placed.toxicity)
        seconds = None if under.spared else placed.toxic.closes_after()
        if seconds is not None:
            under.closing = self._loop.call_later(seconds, self._holder.close)
        self._under[name] = under

    def _put(self, chunk: Chunk) -> None:
        chunks = [chunk]
        for toxic, memory in self._toxics:
            chunks = [passed for one in chunks for passed in toxic.pass_on(one, memory)]
        for passed in chunks:
            last = self._waiting[-1].due if self._waiting else 0.0
            self._waiting.append(replace(passed, due=max(passed.due, last)))
            self._held += len(passed.data)
        self._send_what_is_due()

    def _send_what_is_due(self) -> None:
        now = self._loop.time()
        while self._waiting and self._waiting[0].due <= now:
            chunk = self._waiting.popleft()
            self._held -= len(chunk.data)
            if chunk.data:
                self._sink.write(chunk.data)
            if chunk.then is not None:
                self._end(chunk.then)
        self._arm()
        self._holder.regulate()

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._waiting[0].due, self._send_what_is_due) if self._waiting else None

    def _end(self, ending: Ending) -> None:
        if ending is Ending.END_OF_STREAM:
            self._sink.end_stream()
            return
        self._waiting.clear()
        if ending is Ending.CLOSE:
            self._holder.close()
        else:
            self._holder.reset()
