"""A TCP proxy that delays whatever passes: `python -m benchmarks.latency_proxy --upstream PORT --round-trip-ms 20`.

Half the round trip is spent in each direction. Each chunk leaves so much later than it came, whatever is still
on its way: a delay, and no limit of throughput. Opening a connection is not delayed. The proxy listens on a free port
of 127.0.0.1, which it prints, and is a process of its own, so that it holds up nobody's interpreter.
"""

import argparse
import asyncio
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from include.settings import ObjectStoreSettings

_HOST = "127.0.0.1"


class DelayedEnd(asyncio.Protocol):
    """One end of a connection. What arrives here leaves at the other end after the delay."""

    def __init__(self, delay: float) -> None:
        """Delay by so many seconds."""
        self._delay = delay
        self._under_way: deque[bytes] = deque()
        self._transport: asyncio.Transport | None = None
        self._other: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the other end before reading."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.pause_reading()

    def send_to(self, other: asyncio.Transport) -> None:
        """Begin to read, for the other end."""
        self._other = other
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Keep a chunk for the length of the delay."""
        self._under_way.append(data)
        asyncio.get_running_loop().call_later(self._delay, self._deliver)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # a reset is passed on as a close
        """Close the other end when the last chunk has left."""
        if self._other is not None:
            asyncio.get_running_loop().call_later(self._delay, self._other.close)

    def _deliver(self) -> None:
        # Timers of one moment fire in any order: the queue keeps that of the chunks.
        chunk = self._under_way.popleft()
        if self._other is not None and not self._other.is_closing():
            self._other.write(chunk)


class AcceptedEnd(DelayedEnd):
    """The client's end, which opens the other one."""

    def __init__(self, delay: float, upstream: int) -> None:
        """Connect each client to this port."""
        super().__init__(delay)
        self._upstream = upstream
        self._opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the server behind the proxy."""
        super().connection_made(transport)
        self._opening = asyncio.get_running_loop().create_task(self._open(cast("asyncio.Transport", transport)))

    async def _open(self, accepted: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        try:
            opened, other_end = await loop.create_connection(lambda: DelayedEnd(self._delay), _HOST, self._upstream)
        except OSError:
            accepted.abort()
            return
        other_end.send_to(accepted)
        self.send_to(opened)


@contextmanager
def delayed(settings: ObjectStoreSettings, round_trip: timedelta) -> Iterator[ObjectStoreSettings]:
    """Put a proxy in front of an S3 server on this machine; give its settings as seen through it."""
    command = [sys.executable, "-m", "benchmarks.latency_proxy", "--upstream", str(urlsplit(settings.endpoint).port)]
    command += ["--round-trip-ms", str(round_trip / timedelta(milliseconds=1))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101  # it is a pipe: this only tells the type checker
            yield settings.model_copy(update={"endpoint": f"http://{_HOST}:{int(process.stdout.readline())}"})
        finally:
            process.terminate()


async def _serve(upstream: int, round_trip: timedelta) -> None:
    delay = round_trip.total_seconds() / 2
    server = await asyncio.get_running_loop().create_server(lambda: AcceptedEnd(delay, upstream), _HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve until terminated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstream", type=int, required=True, help="port of the server")
    parser.add_argument("--round-trip-ms", type=float, required=True)
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.upstream, timedelta(milliseconds=arguments.round_trip_ms)))


if __name__ == "__main__":
    main()
