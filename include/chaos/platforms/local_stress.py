"""Stresses the machine of a lab, by processes that carry the injection's id in their environment.

The deadline lies in a file that they read: without one they end. So an undo needs no pid, and whoever comes after an
agent that was killed finds what it left, if anything.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import psutil

from include.chaos.faults.stress_work import CpuWork, DiskWork, MemoryWork, StressWork
from include.chaos.model import TargetInstance
from include.chaos.platforms.local_processes import await_condition, write_deadline
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.chaos.platforms.stress_process import FILE_BYTES
from include.errors import PlatformError
from include.settings import LAB_ID_VARIABLE, REPO_ROOT

INJECTION_VARIABLE = "CHAOS_CONTROL_INJECTION_ID"
MODULE = "include.chaos.platforms.stress_process"
START_SECONDS = 30.0
END_SECONDS = 10.0
DISK_KEPT_FREE = 2 * 2**30

_CPU_SECONDS_AT_WORK = 0.05


class LocalStress:
    """Starts, watches and ends stressors."""

    def __init__(self, supervisor: LocalSupervisor) -> None:
        """Stress the machine on which that supervisor runs."""
        self._supervisor = supervisor
        self._folder = supervisor.site.home / "run" / "stress"
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def start_stress(self, injection_id: str, work: StressWork, until: datetime) -> None:
        """Start a stressor and return when it is seen to use what it is to use."""
        require_room(work)
        self._folder.mkdir(parents=True, exist_ok=True)
        write_deadline(self._deadline_file(injection_id), until)
        process = self._started[injection_id] = self._start(injection_id, work)
        deadline = time.monotonic() + START_SECONDS
        while not _is_effective(process.pid, work):
            if process.poll() is not None:
                raise PlatformError(f"the stressor ended at once: {_complaint(process)}")
            if time.monotonic() > deadline:
                raise PlatformError(f"the stressor was not seen at work within {START_SECONDS:.0f} s")
            time.sleep(0.05)

    def extend_stress(self, injection_id: str, until: datetime) -> None:
        """Move the moment at which it ends by itself, unless it is ended already."""
        if self._deadline_file(injection_id).exists():
            write_deadline(self._deadline_file(injection_id), until)

    def is_stressing(self, injection_id: str) -> bool:
        """Tell whether it is at work, with all its workers."""
        return any(process.children() for process in _marked(injection_id))

    def stop_stress(self, injection_id: str) -> None:
        """End it, and see it gone."""
        self._deadline_file(injection_id).unlink(missing_ok=True)
        for process in _marked(injection_id):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if started := self._started.pop(injection_id, None):
            _forget(started)
        await_condition(lambda: not _marked(injection_id), END_SECONDS, "the stressor does not end, even by SIGKILL")

    def cores(self) -> int:
        """Count the machine's cores."""
        return psutil.cpu_count() or 1

    def available_memory(self) -> int:
        """Give the bytes that can be had without swapping."""
        return int(psutil.virtual_memory().available)

    def data_folder(self, instance: TargetInstance) -> Path:
        """Give the folder in which a running component keeps its data; raise `PlatformError` when there is none."""
        component = self._supervisor.component(instance.name)
        self._supervisor.instance(component)
        if component.data_folder is None:
            raise PlatformError(f"{instance.name}: keeps no data on the disk")
        return component.data_folder

    def _start(self, injection_id: str, work: StressWork) -> subprocess.Popen[bytes]:
        deadline_file = str(self._deadline_file(injection_id))
        try:
            # In the session of the agent and the lab: a session of its own would get a fair share of the CPU, no more.
            return subprocess.Popen(
                [sys.executable, "-m", MODULE, work.model_dump_json(), deadline_file, str(os.getpid())],
                cwd=REPO_ROOT,
                env={
                    "PATH": os.environ.get("PATH", os.defpath),
                    INJECTION_VARIABLE: injection_id,
                    LAB_ID_VARIABLE: self._supervisor.site.lab_id,
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise PlatformError(f"the stressor cannot be started: {error}") from error

    def _deadline_file(self, injection_id: str) -> Path:
        return self._folder / injection_id


def require_room(work: StressWork) -> None:
    """Refuse what would leave the machine without memory or disk."""
    match work:
        case MemoryWork(size=size, keep_free=keep_free):
            there, wanted, left = psutil.virtual_memory().available, size, keep_free
        case DiskWork(workers=workers, folder=folder):
            there, wanted, left = shutil.disk_usage(folder).free, workers * FILE_BYTES, DISK_KEPT_FREE
        case CpuWork():
            return
    if there - wanted < left:
        mib = 2**20
        raise PlatformError(
            f"{there // mib} MiB are free, {wanted // mib} MiB are asked for, and {left // mib} MiB must stay free"
        )


def _is_effective(pid: int, work: StressWork) -> bool:
    try:
        workers = psutil.Process(pid).children()
        match work:
            case CpuWork(workers=count):
                used = sum(worker.cpu_times().user for worker in workers)
                return len(workers) == count and used >= _CPU_SECONDS_AT_WORK
            case MemoryWork(size=size):
                return sum(worker.memory_info().rss for worker in workers) >= size
            case DiskWork(workers=count):
                return len(workers) == count and all(worker.io_counters().write_chars > 0 for worker in workers)
    except psutil.NoSuchProcess:
        return False


def _forget(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    if process.stderr:
        process.stderr.close()


def _complaint(process: subprocess.Popen[bytes]) -> str:
    said = process.stderr.read() if process.stderr else b""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it found too little memory left, or a worker of it was killed"


def _marked(injection_id: str) -> list[psutil.Process]:
    """Find what carries the id; who has ended and waits to be reaped has no environment any more."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(INJECTION_VARIABLE) == injection_id:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
