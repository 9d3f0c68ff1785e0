"""Connect to a server and hang up again."""

import socket
import time
from dataclasses import dataclass

from include.chaos.platforms.addresses import LocalAddresses
from include.chaos.probes.place import Place
from include.errors import PlatformError


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpConnector:
    """Times new connections."""

    addresses: LocalAddresses

    def connect_seconds(self, place: Place, timeout: float) -> float:
        """Connect, hang up, give the seconds it took; raise `PlatformError` when there is no connection in time."""
        host, port = self.addresses.resolve(place)
        started = time.perf_counter()
        try:
            socket.create_connection((host, port), timeout=timeout).close()
        except OSError as error:
            raise PlatformError(f"{host}:{port}: {error.strerror or error}") from error
        return time.perf_counter() - started
