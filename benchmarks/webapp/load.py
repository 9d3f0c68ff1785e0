"""Listeners: connections that stay open, each asking again after the answer, or after its time."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from benchmarks.webapp.scope import CONNECTIONS
from include.webapp.app import STALE_SINCE
from tests.webapp.serving import LOGIN

PATIENCE_SECONDS = 10.0
"""After which a request counts as hung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of one request; no status means that the connection broke, or that it hung."""

    asked_at: float
    seconds: float
    status: int | None
    stale: bool = False
    explained: bool = False

    @property
    def hung(self) -> bool:
        """Tell whether it was given up."""
        return self.status is None and self.seconds >= PATIENCE_SECONDS


def ask(url: str, paths: Iterator[str], *, seconds: float, every: float = 0.0) -> list[Reply]:
    """Ask for so long over all connections; each asks once in `every` seconds, or at once when that is 0."""
    return asyncio.run(ask_for(url, paths, seconds=seconds, every=every))


def ask_each(url: str, paths: Iterable[str]) -> list[Reply]:
    """Ask for each address once, one after the other, over new connections."""

    async def each() -> list[Reply]:
        replies = []
        for path in paths:
            async with _session(connections=1) as session:
                replies.append(await _ask_once(session, url + path))
        return replies

    return asyncio.run(each())


async def ask_for(url: str, paths: Iterator[str], *, seconds: float, every: float) -> list[Reply]:
    """Do as `ask` does, beside whatever else is going on."""
    end = time.monotonic() + seconds
    async with _session(connections=CONNECTIONS) as session:

        async def listen(number: int) -> list[Reply]:
            replies: list[Reply] = []
            due = time.monotonic() + every * number / CONNECTIONS
            while (now := time.monotonic()) < end:
                await asyncio.sleep(max(0.0, due - now))
                replies.append(await _ask_once(session, url + next(paths)))
                due += every
            return replies

        return [reply for replies in await asyncio.gather(*map(listen, range(CONNECTIONS))) for reply in replies]


def _session(*, connections: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        auth=aiohttp.BasicAuth(*LOGIN),
        connector=aiohttp.TCPConnector(limit=connections),
        timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS),
    )


async def _ask_once(session: aiohttp.ClientSession, url: str) -> Reply:
    began = time.monotonic()
    try:
        async with session.get(url, allow_redirects=False) as response:
            body = await response.text()
    except (aiohttp.ClientError, TimeoutError):
        return Reply(asked_at=began, seconds=time.monotonic() - began, status=None)
    return Reply(
        asked_at=began,
        seconds=time.monotonic() - began,
        status=response.status,
        stale=STALE_SINCE in response.headers,
        explained=response.status == HTTPStatus.SERVICE_UNAVAILABLE
        and "The warehouse" in body
        and "Retry-After" in response.headers,
    )


def quantile(replies: Sequence[Reply], share: float) -> float:
    """Give the time, in milliseconds, within which that share of the replies came."""
    ordered = sorted(reply.seconds for reply in replies)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def by_status(replies: Iterable[Reply]) -> str:
    """Count replies by what they were."""
    counts = Counter(map(_kind, replies))
    return ", ".join(f"{kind}: {count:,}" for kind, count in sorted(counts.items())) or "none"


def _kind(reply: Reply) -> str:
    if reply.status is None:
        return "hung" if reply.hung else "connection broken"
    if reply.status == HTTPStatus.OK:
        return "200 with the notice" if reply.stale else "200"
    return f"{reply.status} explained" if reply.explained else f"{reply.status} unexplained"
