"""All proxies of one server, by name."""

from collections.abc import Iterable

from include.fault_proxy.definitions import ProxyAnswer, ProxyRequest, ProxyUpdate
from include.fault_proxy.proxy import Proxy
from include.fault_proxy.refusals import conflict, not_found


class Proxies:
    """The proxies; all methods belong to one event loop."""

    def __init__(self) -> None:
        """Hold none yet."""
        self._proxies: dict[str, Proxy] = {}

    def __getitem__(self, name: str) -> Proxy:
        """Give a proxy; raise `RefusalError` when there is none of that name."""
        if name not in self._proxies:
            raise not_found(f"proxy not found: {name}")
        return self._proxies[name]

    async def add(self, wanted: ProxyRequest) -> Proxy:
        """Add a proxy, listening unless it is to be disabled."""
        if wanted.name in self._proxies:
            raise conflict(f"proxy already exists: {wanted.name}")
        proxy = Proxy(wanted)
        if wanted.enabled:
            await _enable(proxy)
        self._proxies[wanted.name] = proxy
        return proxy

    async def add_all(self, wanted: Iterable[ProxyRequest]) -> None:
        """Add several."""
        for one in wanted:
            await self.add(one)

    async def update(self, name: str, change: ProxyUpdate) -> ProxyAnswer:
        """Change a proxy."""
        try:
            await self[name].update(change)
        except OSError as error:
            raise conflict(f"{name}: cannot listen: {error}") from error
        return self[name].show()

    async def reset(self) -> None:
        """Enable all, with no toxics."""
        for proxy in self._proxies.values():
            proxy.remove_all_toxics()
            await _enable(proxy)

    def remove(self, name: str) -> None:
        """Disable a proxy for good."""
        self[name].remove_all_toxics()
        self[name].disable()
        del self._proxies[name]

    def show(self) -> dict[str, ProxyAnswer]:
        """Describe all."""
        return {name: proxy.show() for name, proxy in self._proxies.items()}


async def _enable(proxy: Proxy) -> None:
    try:
        await proxy.enable()
    except OSError as error:
        raise conflict(f"{proxy.name}: cannot listen: {error}") from error
