"""Start the fault proxy: `python -m include.fault_proxy`, configured by the environment (see `include.settings`)."""

import asyncio
from urllib.parse import urlsplit

import uvicorn

from include.fault_proxy.collection import Proxies
from include.fault_proxy.definitions import ProxyRequest
from include.fault_proxy.server import build_app
from include.settings import FaultProxySettings, ProxiedServers


async def serve() -> None:
    """Listen for all proxied servers, and for requests, until told to stop."""
    settings = FaultProxySettings.from_environment()
    proxies = Proxies()
    await proxies.add_all(ProxyRequest(**server.model_dump()) for server in ProxiedServers.from_environment().proxies)
    address = urlsplit(settings.url)
    configuration = uvicorn.Config(
        build_app(proxies, settings.token),
        host=address.hostname or "127.0.0.1",
        port=address.port or 0,
        access_log=False,
        log_level="warning",
    )
    await uvicorn.Server(configuration).serve()


if __name__ == "__main__":
    asyncio.run(serve())
