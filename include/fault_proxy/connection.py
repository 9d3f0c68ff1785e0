"""One proxied connection: the client's end, the server's end, and a link each way between them."""

import asyncio
from collections.abc import Callable, Mapping
from random import Random

from include.fault_proxy.chunk import Stream
from include.fault_proxy.end import End
from include.fault_proxy.link import Link, Placed

Address = tuple[str, int]


class Connection:
    """Both ends, and what is between them."""

    def __init__(
        self,
        *,
        upstream: Address,
        toxics: Mapping[str, Placed],
        chance: Random,
        on_gone: Callable[["Connection"], None],
    ) -> None:
        """Wait for the client's end to be made; `toxics` is looked into when the server's end is."""
        self._upstream = upstream
        self._toxics = toxics
        self._on_gone = on_gone
        self._streams_ended = 0
        self._opening: asyncio.Task[None] | None = None
        self.client = End(self)
        self.server = End(self)
        self._up = Link(stream=Stream.UPSTREAM, sink=self.server, holder=self, chance=chance)
        self._down = Link(stream=Stream.DOWNSTREAM, sink=self.client, holder=self, chance=chance)

    def made(self, end: End) -> None:
        """Open the server's end when the client's is there."""
        if end is self.client:
            self._opening = asyncio.get_running_loop().create_task(self._open())

    def lost(self, end: End, why: Exception | None) -> None:
        """Have the other end share the fate of this one."""
        self._stop()
        other = self.server if end is self.client else self.client
        if why is None:
            other.close()
        else:
            other.reset()

    def stream_ended(self) -> None:
        """Close when both directions have nothing more to say."""
        self._streams_ended += 1
        if self._streams_ended == len(Stream):
            self.close()

    def come_under(self, toxics: Mapping[str, Placed]) -> None:
        """Be under these toxics from now on."""
        self._up.come_under(toxics)
        self._down.come_under(toxics)

    def regulate(self) -> None:
        """Read from each end while the other takes it."""
        self.client.read(on=self.server.can_write and self._up.has_room())
        self.server.read(on=self.client.can_write and self._down.has_room())

    def close(self) -> None:
        """End both sides, with what was written still sent."""
        self._stop()
        self.client.close()
        self.server.close()

    def abort(self) -> None:
        """End both sides at once."""
        self._stop()
        self.client.abort()
        self.server.abort()

    def reset(self) -> None:
        """End both sides with RST."""
        self._stop()
        self.client.reset()
        self.server.reset()

    def _stop(self) -> None:
        self._up.stop()
        self._down.stop()
        if self._opening:
            self._opening.cancel()
        self._on_gone(self)

    async def _open(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self.server, *self._upstream)
        except OSError:
            self.client.reset()  # the nearest to a refusal that an accepted connection can get
            return
        self._opening = None
        self.client.link, self.server.link = self._up, self._down
        self.come_under(self._toxics)
        self.regulate()
