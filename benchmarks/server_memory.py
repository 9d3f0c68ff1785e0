"""The memory of a PostgreSQL's processes, watched while they work."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import psutil

from benchmarks.worker_memory import Peak
from tests.scale.servers import PostgresServer

_SAMPLE_EVERY = 0.1
"""Seconds."""


@contextmanager
def watched_server(server: PostgresServer) -> Iterator[Peak]:
    """Watch what all processes of a server hold together, without the pages that they share."""
    peak, over = Peak(), Event()
    watcher = Thread(target=_watch, args=(server, peak, over), daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _watch(server: PostgresServer, peak: Peak, over: Event) -> None:
    while server.process is not None and not over.wait(_SAMPLE_EVERY):
        processes = psutil.Process(server.process.pid).children(recursive=True)
        peak.octets = max(peak.octets, sum(map(_own_size, processes)))


def _own_size(process: psutil.Process) -> int:
    try:
        sizes = process.memory_info()
    except psutil.Error:
        return 0
    return int(sizes.rss - sizes.shared)
