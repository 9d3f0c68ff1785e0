"""Start the gate: `python -m include.object_gate`, configured by the environment (see `include.settings`)."""

import asyncio
from urllib.parse import urlsplit

import uvloop
from aiohttp import web

from include.object_gate.control import control_app
from include.object_gate.gate import Gate
from include.object_gate.rule_book import RuleBook
from include.object_gate.upstream import Upstream, open_session
from include.settings import ObjectGateServerSettings, ObjectGateSettings


async def serve() -> None:
    """Serve until the process is ended: the S3 protocol on one port, the rules on another."""
    places, control = ObjectGateServerSettings.from_environment(), ObjectGateSettings.from_environment()
    book = RuleBook()
    async with open_session() as session:
        gate = Gate(Upstream(places.upstream, session), book)
        passing = web.ServerRunner(
            web.Server(gate, auto_decompress=False, handler_cancellation=True, access_log=None, max_field_size=2**16),
        )
        ruling = web.AppRunner(control_app(book, control.token), access_log=None)
        await _listen(ruling, control.url)
        await _listen(passing, places.listen)
        await asyncio.Event().wait()


async def _listen(runner: web.BaseRunner, url: str) -> None:
    address = urlsplit(url)
    await runner.setup()
    await web.TCPSite(runner, address.hostname, address.port, backlog=1024).start()


if __name__ == "__main__":
    uvloop.run(serve())
