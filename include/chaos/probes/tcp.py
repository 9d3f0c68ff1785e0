"""`tcp`: how many seconds a server takes to accept a connection."""

from typing import Literal, Protocol

from include.chaos.model import Measurement
from include.chaos.probes.place import Place, PlacedProbe


class Connector(Protocol):
    """What `tcp` needs of a platform."""

    def connect_seconds(self, place: Place, timeout: float) -> float:
        """Connect, hang up, give the seconds it took; raise `PlatformError` when there is no connection in time."""
        ...


class TcpProbe(PlacedProbe):
    """A new connection each look; the kernel accepts it, so a stopped process still looks well: see `http`, `sql`."""

    kind: Literal["tcp"]

    def measure(self, connector: Connector, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: connector.connect_seconds(self.place, self.patience), baseline)
