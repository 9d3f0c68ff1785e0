"""Where the servers of a lab listen: from its site file, read when first asked for."""

from functools import cached_property

from include.chaos.probes.place import Place
from include.errors import PlatformError
from include.settings import LocalSite, LocalSiteSettings

LOOPBACK = "127.0.0.1"


class LocalAddresses:
    """The address of every component's instances."""

    def resolve(self, place: Place) -> tuple[str, int]:
        """Give host and port; raise `PlatformError` when the place is unknown, or is not one server."""
        if place.address is not None:
            host, _, port = place.address.rpartition(":")
            return host, int(port)
        listening = {c.name: c.port for c in self._site.components if c.component == place.component and c.port}
        chosen = [port for name, port in listening.items() if place.instance in (None, name)]
        if len(chosen) != 1:
            there = ", ".join(listening) or "none"
            raise PlatformError(
                f"{place.component}: expected one server to look at, got {len(chosen)}; there are: {there}. "
                "Name one with `instance`."
            )
        return LOOPBACK, chosen[0]

    @cached_property
    def _site(self) -> LocalSite:
        return LocalSite.read(LocalSiteSettings.from_environment().file)
