"""One proxy: a listening address, a server behind it, and the toxics in between."""

import asyncio
import time
from collections.abc import Callable
from random import Random

from include.fault_proxy.connection import Address, Connection
from include.fault_proxy.definitions import (
    ProxyAnswer,
    ProxyRequest,
    ProxyUpdate,
    ToxicAnswer,
    ToxicRequest,
    ToxicUpdate,
    attributes_of,
)
from include.fault_proxy.link import Placed
from include.fault_proxy.refusals import conflict, not_found, wrong
from include.fault_proxy.toxics import TYPES

_BACKLOG = 512


class Proxy:
    """Listens while it is enabled; all its methods belong to one event loop."""

    def __init__(self, definition: ProxyRequest) -> None:
        """Listen nowhere yet."""
        self.name = definition.name
        self._listen = address_of(definition.listen)
        self._upstream = address_of(definition.upstream)
        self._toxics: dict[str, Placed] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._disabled = ProxyUpdate()
        self._return: asyncio.TimerHandle | None = None
        self._chance = Random()  # noqa: S311  # dice, not secrets

    async def enable(self) -> None:
        """Listen; a port of 0 is settled now."""
        self._forget_the_cut()
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._accepted, *self._listen, backlog=_BACKLOG)
            self._listen = self._server.sockets[0].getsockname()[:2]

    def disable(self, cut: ProxyUpdate | None = None) -> None:
        """Refuse connections and close those open; `cut` may say by whom, and until when."""
        self._forget_the_cut()
        self._stop_listening()
        self._disabled = cut or ProxyUpdate()
        if self._disabled.expires_at is not None:
            self._return = _at(self._disabled.expires_at, self._come_back)

    async def update(self, change: ProxyUpdate) -> None:
        """Change what is named; a new address drops every connection."""
        was_enabled = self._server is not None
        if change.listen or change.upstream:
            self._listen = address_of(change.listen) if change.listen else self._listen
            self._upstream = address_of(change.upstream) if change.upstream else self._upstream
            self._stop_listening()
        if change.enabled is False:
            self.disable(change)
        elif change.enabled or was_enabled:
            await self.enable()

    def show(self) -> ProxyAnswer:
        """Describe it, with its toxics."""
        return ProxyAnswer(
            name=self.name,
            listen="{}:{}".format(*self._listen),
            upstream="{}:{}".format(*self._upstream),
            enabled=self._server is not None,
            disabled_by=self._disabled.disabled_by,
            expires_at=self._disabled.expires_at,
            toxics=tuple(self.show_toxic(name) for name in self._toxics),
        )

    def show_toxic(self, name: str) -> ToxicAnswer:
        """Describe a toxic."""
        placed = self._placed(name)
        return ToxicAnswer(
            name=name,
            type=placed.type,
            stream=placed.stream,
            toxicity=placed.toxicity,
            attributes=attributes_of(placed.toxic),
        )

    def add_toxic(self, wanted: ToxicRequest) -> ToxicAnswer:
        """Put a toxic into the way of all connections, those open too."""
        if wanted.type not in TYPES:
            raise wrong(f"invalid toxic type: {wanted.type!r}; there are: {', '.join(TYPES)}")
        name = wanted.name or f"{wanted.type}_{wanted.stream}"
        if name in self._toxics:
            raise conflict(f"toxic already exists: {name}")
        toxic = TYPES[wanted.type].model_validate(wanted.attributes)
        self._place(Placed(name=name, type=wanted.type, stream=wanted.stream, toxicity=wanted.toxicity, toxic=toxic))
        return self.show_toxic(name)

    def update_toxic(self, name: str, change: ToxicUpdate) -> ToxicAnswer:
        """Change what is named of a toxic; who is under it stays so."""
        placed = self._placed(name)
        toxic = type(placed.toxic).model_validate(attributes_of(placed.toxic) | change.attributes)
        toxicity = placed.toxicity if change.toxicity is None else change.toxicity
        self._place(Placed(name=name, type=placed.type, stream=placed.stream, toxicity=toxicity, toxic=toxic))
        return self.show_toxic(name)

    def remove_toxic(self, name: str) -> None:
        """Take a toxic out of the way."""
        self._placed(name)
        del self._toxics[name]
        if expiry := self._expiries.pop(name, None):
            expiry.cancel()
        self._tell_connections()

    def remove_all_toxics(self) -> None:
        """Take all toxics out of the way."""
        for name in list(self._toxics):
            self.remove_toxic(name)

    def _accepted(self) -> asyncio.BufferedProtocol:
        connection = Connection(
            upstream=self._upstream, toxics=self._toxics, chance=self._chance, on_gone=self._connections.discard
        )
        self._connections.add(connection)
        return connection.client

    def _stop_listening(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for connection in list(self._connections):
            connection.abort()

    def _placed(self, name: str) -> Placed:
        if name not in self._toxics:
            raise not_found(f"toxic not found: {name}")
        return self._toxics[name]

    def _place(self, placed: Placed) -> None:
        self._toxics[placed.name] = placed
        if expiry := self._expiries.pop(placed.name, None):
            expiry.cancel()
        if placed.toxic.expires_at is not None:
            self._expiries[placed.name] = _at(placed.toxic.expires_at, lambda: self.remove_toxic(placed.name))
        self._tell_connections()

    def _tell_connections(self) -> None:
        for connection in list(self._connections):
            connection.come_under(self._toxics)

    def _come_back(self) -> None:
        self._returning = asyncio.get_running_loop().create_task(self.enable())

    def _forget_the_cut(self) -> None:
        self._disabled = ProxyUpdate()
        if self._return:
            self._return.cancel()
            self._return = None


def address_of(text: str) -> Address:
    """Read `host:port`; raise `RefusalError` when it is not that."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal():
        raise wrong(f"{text!r}: expected an address like 127.0.0.1:5432")
    return host, int(port)


def _at(unix_seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(max(0.0, unix_seconds - time.time()), act)
