"""The process that stresses a machine: `python -m include.chaos.platforms.stress_process WORK DEADLINE_FILE PARENT`.

It ends when the deadline in the file is over, when the file is gone, when the process that started it is dead, when
one of its workers is, and when memory runs short. Its workers end with it, whatever ends it, and the kernel takes all
of them before anything else when there is no memory left.
"""

import contextlib
import ctypes
import mmap
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
from pydantic import TypeAdapter

from include.chaos.faults.stress_work import CpuWork, DiskWork, MemoryWork, StressWork

FILE_BYTES = 64 * 2**20
"""What each disk worker's file grows to."""

_LOOK_SECONDS = 0.1
_SLICE_SECONDS = 0.1
_CHUNK_BYTES = 32 * 2**20
_BLOCK_BYTES = 256 * 2**10
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def main(work: StressWork, deadline_file: Path, parent: int) -> None:
    """Stress until there is a reason to end."""
    Path("/proc/self/oom_score_adj").write_text("1000")
    keep_free = work.keep_free if isinstance(work, MemoryWork) else 0
    workers = [_start(worker) for worker in _workers(work)]
    try:
        while (
            os.getppid() == parent
            and _deadline(deadline_file) > time.time()
            and psutil.virtual_memory().available >= keep_free
            and os.waitpid(-1, os.WNOHANG) == (0, 0)
        ):
            time.sleep(_LOOK_SECONDS)
    finally:
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _deadline(file: Path) -> float:
    try:
        return float(file.read_text())
    except (FileNotFoundError, ValueError):
        return 0.0


def _workers(work: StressWork) -> list[Callable[[], None]]:
    match work:
        case CpuWork(workers=count, load=load):
            return [partial(compute, load)] * count
        case MemoryWork(size=size, keep_free=keep_free):
            return [partial(occupy, size, keep_free)]
        case DiskWork(workers=count, folder=folder):
            return [partial(write_and_read, folder)] * count


def _start(worker: Callable[[], None]) -> int:
    """Fork a worker that dies with this process."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() == parent:
            worker()
    finally:
        os._exit(1)


def compute(load: float) -> None:
    """Keep one core busy for that share of each slice of time."""
    while True:
        began = time.monotonic()
        while time.monotonic() - began < load * _SLICE_SECONDS:
            sum(range(1000))
        time.sleep((1 - load) * _SLICE_SECONDS)


def occupy(size: int, keep_free: int) -> None:
    """Take memory piece by piece, write to every page, and keep it; end when too little is left for the next piece."""
    taken: list[mmap.mmap] = []
    while (missing := size - _CHUNK_BYTES * len(taken)) > 0:
        if psutil.virtual_memory().available < keep_free + _CHUNK_BYTES:
            return
        piece = mmap.mmap(-1, min(missing, _CHUNK_BYTES), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        piece[:: mmap.PAGESIZE] = b"x" * len(piece[:: mmap.PAGESIZE])
        taken.append(piece)
    signal.pause()


def write_and_read(folder: Path) -> None:
    """Write block after block to the disk and read it from there; the file has no name, so nothing of it stays."""
    block = os.urandom(_BLOCK_BYTES)
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        while True:
            for offset in range(0, FILE_BYTES, _BLOCK_BYTES):
                os.pwrite(file.fileno(), block, offset)
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), offset, _BLOCK_BYTES, os.POSIX_FADV_DONTNEED)
                os.pread(file.fileno(), _BLOCK_BYTES, offset)


if __name__ == "__main__":
    told, file_name, started_by = sys.argv[1:]
    main(TypeAdapter[StressWork](StressWork).validate_json(told), Path(file_name), int(started_by))
