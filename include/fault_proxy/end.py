"""One socket of a proxied connection."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Protocol, cast

from include.fault_proxy.link import Link

_READ_BYTES = 256 * 2**10
_NO_LINGER = struct.pack("ii", 1, 0)

_arrivals = memoryview(bytearray(_READ_BYTES))
"""Into which all ends read: what arrives has left it again before the event loop reads for anyone else."""


class Holder(Protocol):
    """The connection that an end belongs to."""

    def made(self, end: "End") -> None:
        """Learn that the end is there."""
        ...

    def lost(self, end: "End", why: Exception | None) -> None:
        """Learn that it is no more; `why` unless we ended it."""
        ...

    def stream_ended(self) -> None:
        """Learn that one direction is over."""
        ...

    def regulate(self) -> None:
        """Read on, or stop reading, as there is room."""
        ...


class End(asyncio.BufferedProtocol):
    """A socket, from which nothing is read until it is told where that goes."""

    def __init__(self, holder: Holder) -> None:
        """Belong to a connection."""
        self._holder = holder
        self._transport: asyncio.Transport | None = None
        self._reading = True
        self._heard_all = False
        self.link: Link | None = None
        self.can_write = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read nothing yet: there may be no other end to send it to.

        Told within this call, a transport of Python 3.11.2 reads all the same: it begins to when this has returned.
        """
        self._transport = cast("asyncio.Transport", transport)
        asyncio.get_running_loop().call_soon(self._wait_for_link)
        self._holder.made(self)

    def _wait_for_link(self) -> None:
        if self.link is None:
            self.read(on=False)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # it is always the same
        """Give room for what arrives."""
        return _arrivals

    def buffer_updated(self, nbytes: int) -> None:
        """Send on what has arrived; copied, for a transport may keep what it could not send at once."""
        if self.link:
            self.link.take(bytes(_arrivals[:nbytes]))

    def eof_received(self) -> bool:
        """Send on the end of the stream; the other direction may still have something to say."""
        self._heard_all = True
        if self.link:
            self.link.take_end()
        return True

    def pause_writing(self) -> None:
        """Have the other end stop reading: this one's peer is slow."""
        self.can_write = False
        self._holder.regulate()

    def resume_writing(self) -> None:
        """Have the other end read on."""
        self.can_write = True
        self._holder.regulate()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the connection."""
        self._holder.lost(self, exc)

    def write(self, data: bytes) -> None:
        """Send."""
        if self._transport and not self._transport.is_closing():
            self._transport.write(data)

    def end_stream(self) -> None:
        """Say that no more comes."""
        if self._transport and not self._transport.is_closing():
            with suppress(OSError):  # the peer has gone meanwhile
                self._transport.write_eof()
        self._holder.stream_ended()

    def read(self, *, on: bool) -> None:
        """Read on, or stop."""
        if self._transport is None or self._heard_all or self._transport.is_closing() or on is self._reading:
            return
        self._reading = on
        if on:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def close(self) -> None:
        """End it when what was written has been sent."""
        if self._transport:
            self._transport.close()

    def abort(self) -> None:
        """End it at once: what was not sent yet is lost."""
        if self._transport:
            self._transport.abort()

    def reset(self) -> None:
        """End it at once, with RST."""
        if self._transport and not self._transport.is_closing():
            with suppress(OSError):  # the peer has gone meanwhile
                self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()
