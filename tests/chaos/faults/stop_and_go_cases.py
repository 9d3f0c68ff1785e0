"""The scenes of faults that stop one process and not its children: real processes, and the kernel's word on them."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import psutil

from include.chaos.faults.base import FaultKind
from include.chaos.faults.slow_process import SlowProcess
from include.chaos.faults.task_zombie import TaskZombie
from include.chaos.model import Component
from include.chaos.platforms.local_supervisor import instance_of
from tests.chaos.faults.process_cases import answers, on_warehouse
from tests.chaos.faults.scene import Scene, SmallLab
from tests.waiting import await_

SUPERVISOR = """
import subprocess, sys, time
task = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(task.pid, flush=True)
while True:
    time.sleep(0.01)
"""


@contextmanager
def slow_process(lab: SmallLab) -> Iterator[Scene]:
    """The postmaster is stopped again and again."""
    fault = SlowProcess()
    with on_warehouse(fault, lab) as scene:
        yield replace(
            scene,
            is_struck=lambda: _is_stopped(scene.instance.pid),
            is_whole=lambda: answers(lab) and not _is_stopped(scene.instance.pid) and not _orders(lab),
        )


@contextmanager
def task_zombie(lab: SmallLab) -> Iterator[Scene]:
    """The process that has started another one is stopped; the other one is not."""
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR], stdout=subprocess.PIPE, text=True)
    reaper = threading.Thread(target=supervisor.wait)
    reaper.start()
    assert supervisor.stdout is not None
    task = psutil.Process(int(supervisor.stdout.readline()))
    try:
        yield _zombie_scene(TaskZombie(), lab, supervisor.pid, task)
    finally:
        _kill(task.pid)
        _kill(supervisor.pid)
        reaper.join()
        supervisor.stdout.close()
        await_(lambda: not _orders(lab), "the order to be gone")


def _zombie_scene(fault: FaultKind[Any], lab: SmallLab, supervisor: int, task: psutil.Process) -> Scene:
    return Scene(
        fault=fault,
        instance=instance_of(task.pid, name="songs/run/load", component=Component.AIRFLOW_TASK),
        ability=lab.platform.ability(fault.ability()),
        is_struck=lambda: _is_stopped(supervisor) and not _is_stopped(task.pid),
        is_whole=lambda: not _is_stopped(supervisor) and not _orders(lab),
        remove=lambda: _end(task),
        restore=lambda: None,
        replace=lambda: _kill(supervisor),
    )


def _orders(lab: SmallLab) -> list[str]:
    folder = lab.lab.home.run / "stop_and_go"
    return [order.name for order in folder.iterdir()] if folder.is_dir() else []


def _is_stopped(pid: int | None) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.NoSuchProcess:
        return False


def _end(process: psutil.Process) -> None:
    """End a process of which somebody else is the parent."""
    _kill(process.pid)
    await_(
        lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE,
        "the process to end",
    )


def _kill(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()
