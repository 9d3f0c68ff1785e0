"""A fault proxy in front of a server, and clients of both, all in the event loop of one test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from pydantic import SecretStr

from include.fault_proxy.collection import Proxies
from include.fault_proxy.server import build_app

TOKEN = "token"
PATIENCE = 30.0

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Around:
    """`heard` is all that the server has received; what it hears it says again."""

    api: httpx.AsyncClient
    server_port: int
    heard: bytearray = field(default_factory=bytearray)
    port: int = 0

    async def ask(self, method: str, path: str, **json: object) -> httpx.Response:
        """Send a request that must succeed."""
        answer = await self.api.request(method, path, json=json or None)
        assert answer.is_success, answer.text
        return answer

    async def add(self, type_: str, stream: str = "downstream", toxicity: float = 1.0, **attributes: float) -> None:
        """Put a toxic into the way, under the name of its type."""
        body = {"name": type_, "type": type_, "stream": stream, "toxicity": toxicity, "attributes": attributes}
        await self.ask("POST", "/proxies/echo/toxics", **body)

    async def remove(self, name: str) -> None:
        await self.ask("DELETE", f"/proxies/echo/toxics/{name}")

    async def connect(self) -> Stream:
        """Open a connection through the proxy, and see it through."""
        client = await asyncio.open_connection("127.0.0.1", self.port)
        assert await echo(client, b"hello") == b"hello"
        return client


async def echo(client: Stream, said: bytes) -> bytes:
    """Say something, and hear as much again, or what there is of it."""
    reader, writer = client
    writer.write(said)
    try:
        return await asyncio.wait_for(reader.readexactly(len(said)), PATIENCE)
    except asyncio.IncompleteReadError as error:
        return error.partial


async def heard(client: Stream) -> bytes:
    """Hear everything until the connection ends."""
    return await asyncio.wait_for(client[0].read(), PATIENCE)


async def is_silent(client: Stream) -> bool:
    """Tell that nothing comes and nothing ends, for as long as nothing takes to be plain."""
    try:
        await asyncio.wait_for(client[0].read(1), 0.2)
    except TimeoutError:
        return True
    return False


@asynccontextmanager
async def around() -> AsyncIterator[Around]:
    """Give a proxy named `echo` in front of a server that says what it hears."""
    heard = bytearray()
    open_writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_writers.append(writer)
        try:
            while data := await reader.read(65536):
                heard.extend(data)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    proxies = Proxies()
    transport = httpx.ASGITransport(build_app(proxies, SecretStr(TOKEN)))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://proxy", headers=headers) as api:
            made = Around(api=api, server_port=port, heard=heard)
            answer = await made.ask("POST", "/proxies", name="echo", listen="127.0.0.1:0", upstream=f"127.0.0.1:{port}")
            made.port = int(answer.json()["listen"].rpartition(":")[2])
            yield made
    finally:
        for name in proxies.show():
            proxies[name].disable()
        for writer in open_writers:
            writer.close()
        server.close()


def play(scene: Callable[[Around], Awaitable[None]]) -> None:
    """Play a scene around a proxy."""

    async def run() -> None:
        async with around() as made:
            await scene(made)

    asyncio.run(run())
