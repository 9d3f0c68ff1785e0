"""The memory of Spark's Python workers, watched while they work."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import psutil

_SAMPLE_EVERY = 0.05
"""Seconds."""


@dataclass(slots=True)
class Peak:
    """The most octets that any single worker has held, shared pages included."""

    octets: int = 0


@contextmanager
def watched_workers() -> Iterator[Peak]:
    """Watch the workers below this process until the end of the block."""
    peak, over = Peak(), Event()
    watcher = Thread(target=_watch, args=(peak, over), daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _watch(peak: Peak, over: Event) -> None:
    while not over.wait(_SAMPLE_EVERY):
        sizes = (_worker_size(process) for process in psutil.Process().children(recursive=True))
        peak.octets = max(peak.octets, *sizes, 0)


def _worker_size(process: psutil.Process) -> int:
    """Give the resident size of a worker, 0 for any other process; workers are forks of pyspark's daemon."""
    try:
        return int(process.memory_info().rss) if "pyspark.daemon" in process.cmdline() else 0
    except psutil.Error:
        return 0
