"""Each route, over 100 connections that stay open.

Unhurried: each connection asks once a second, so that 100 requests a second come, and what is measured is what a
listener waits. As fast as it goes: each asks again at once, so that 100 requests are always waiting, and what is
measured is mostly the queue, and how many requests a second two workers serve on this machine, which they share with
PostgreSQL and with the 100 connections' own client.

A song for the first time is asked of the warehouse, which finds, ranks and names its neighbours among all songs; one
asked for before is in a worker's memory, and is made into a page again. Titles are searched in memory.
"""

from collections.abc import Iterator

import psutil

from benchmarks.lines import Line, memory
from benchmarks.progress import tell
from benchmarks.webapp.load import Reply, ask, ask_each, by_status, quantile
from benchmarks.webapp.scope import WebappScope

_EVERY = 1.0
_BOUND_MS = 1000


def measure(scope: WebappScope) -> Iterator[Line]:
    """Ask each route both ways."""
    for _ in range(4):  # or one of the workers might not have been asked for what counts as asked for before
        ask_each(scope.site.url, scope.questions.known())
    for name, paths in scope.questions.routes().items():
        tell(name)
        calm = ask(scope.site.url, paths, seconds=scope.seconds, every=_EVERY)
        busy = ask(scope.site.url, paths, seconds=scope.seconds)
        yield _line(name, calm, busy, scope.seconds)
    held = max(_memory(worker) for worker in scope.site.workers())
    yield memory("memory of a worker", held, note="PSS, with all titles and what it has been asked")


def _line(name: str, calm: list[Reply], busy: list[Reply], seconds: float) -> Line:
    slow = quantile(calm, 0.99)
    return Line(
        what=name,
        ours=_quantiles(calm),
        theirs=f"{_quantiles(busy)}; {len(busy) / seconds:,.0f} requests/s",
        target=f"p99 < {_BOUND_MS:,} ms, all 200",
        met=slow < _BOUND_MS and all(reply.status == 200 for reply in calm + busy),  # noqa: PLR2004  # HTTP's own number
        note=by_status(calm + busy),
    )


def _quantiles(replies: list[Reply]) -> str:
    return f"p50 {quantile(replies, 0.5):,.1f} ms, p99 {quantile(replies, 0.99):,.1f} ms"


def _memory(process: psutil.Process) -> int:
    return int(process.memory_full_info().pss)
