"""The warehouse is killed under 100 connections, each of which asks once a second.

Seven in ten requests are for what others have asked for, three in ten for songs that nobody has asked for. A third into
the time PostgreSQL is killed, with all its connections; after another third it is started again. A request hangs when
it has no answer after ten seconds. A refusal is explained when it says what is wrong, and when to try again.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.lines import Line
from benchmarks.progress import tell
from benchmarks.webapp.load import Reply, ask_for, by_status, quantile
from benchmarks.webapp.scope import WebappScope
from tests.scale.servers import PostgresServer

_SHARE_OF_NEW = 0.3
_BOUND_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """When the warehouse was killed, and when it answered again, by the monotonic clock."""

    killed_at: float
    back_at: float


def measure(scope: WebappScope) -> Iterator[Line]:
    """Kill the warehouse and start it again, while listeners ask."""
    tell("the warehouse is killed")
    replies, outage = asyncio.run(_under_load(scope))
    before = [reply for reply in replies if reply.asked_at < outage.killed_at]
    during = [reply for reply in replies if outage.killed_at <= reply.asked_at < outage.back_at]
    after = [reply for reply in replies if reply.asked_at >= outage.back_at]
    yield _phase("before", before)
    yield _phase(f"while it is away, {outage.back_at - outage.killed_at:.1f} s", during)
    yield _phase("after it is back", after)
    slowest = max(reply.seconds for reply in replies)
    yield _judged("slowest answer of all", f"{slowest:.2f} s", f"< {_BOUND_SECONDS:g} s", met=slowest < _BOUND_SECONDS)
    hung = sum(reply.hung for reply in replies)
    yield _judged("hung requests", f"{hung}", "none", met=not hung)
    broken = sum(reply.status is None and not reply.hung for reply in replies)
    yield _judged("broken connections", f"{broken}", "none", met=not broken)
    wordless = sum(reply.status not in (200, None) and not reply.explained for reply in replies)
    yield _judged("error pages without an explanation", f"{wordless}", "none", met=not wordless)
    trouble = [reply.asked_at for reply in after if reply.status != 200 or reply.stale]  # noqa: PLR2004  # HTTP's own
    lasted = max(trouble, default=outage.back_at) - outage.back_at
    yield Line(what="last refusal or notice after the warehouse was back", ours=f"{lasted:.2f} s")


async def _under_load(scope: WebappScope) -> tuple[list[Reply], Outage]:
    third = scope.outage_seconds / 3
    paths = scope.questions.mixed(_SHARE_OF_NEW)
    listening = asyncio.create_task(ask_for(scope.site.url, paths, seconds=scope.outage_seconds, every=1.0))
    await asyncio.sleep(third)
    outage = await asyncio.to_thread(_be_away, scope.server, third)
    return await listening, outage


def _be_away(server: PostgresServer, seconds: float) -> Outage:
    killed_at = time.monotonic()
    server.kill()
    time.sleep(max(0.0, killed_at + seconds - time.monotonic()))
    server.start()
    return Outage(killed_at=killed_at, back_at=time.monotonic())


def _phase(name: str, replies: list[Reply]) -> Line:
    slowest = max((reply.seconds for reply in replies), default=0.0)
    figures = (
        f"p50 {quantile(replies, 0.5):,.1f} ms, p99 {quantile(replies, 0.99):,.1f} ms, max {1000 * slowest:,.0f} ms"
    )
    return Line(what=name, ours=figures, note=by_status(replies))


def _judged(what: str, figure: str, target: str, *, met: bool) -> Line:
    return Line(what=what, ours=figure, target=target, met=met)
