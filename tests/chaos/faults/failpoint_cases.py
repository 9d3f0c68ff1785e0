"""The scenes of faults at failpoints: a real process that works its way past one again and again."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from os import environ
from typing import Any

from include.chaos.faults.base import FaultKind
from include.chaos.faults.crash_at import CrashAt
from include.chaos.faults.delay_at import DelayAt
from include.chaos.faults.task_failure import TaskFailure
from include.chaos.model import TargetInstance
from include.chaos.platforms.failpoint_board import FailpointBoard
from include.failpoints import HOME_VARIABLE, Failpoint
from include.settings import REPO_ROOT
from tests.chaos.faults.scene import Scene, SmallLab
from tests.waiting import await_

PLACE = Failpoint(run_id="a run/1", stage="load", name="committed")

FAILURES = "failures"

WORKER = """
import pathlib, sys, time
from include.failpoints import Failpoint, FailpointError, reach
while True:
    try:
        reach(Failpoint(run_id="a run/1", stage="load", name="committed"))
    except FailpointError:
        pathlib.Path(sys.argv[1]).touch()
    time.sleep(0.001)
"""


@contextmanager
def at_failpoint(fault: FaultKind[Any], lab: SmallLab) -> Iterator[Scene]:
    """Stop a worker at its failpoint."""
    board = FailpointBoard(lab.folder)
    board.arm(PLACE, timedelta(seconds=60))
    environment = {**environ, HOME_VARIABLE: str(lab.folder), "PYTHONPATH": str(REPO_ROOT)}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(lab.folder / FAILURES)], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        await_(lambda: board.waiting(PLACE) is not None, "the worker to wait at its failpoint")
        instance = board.waiting(PLACE)
        assert instance is not None
        yield Scene(
            fault=fault,
            instance=instance,
            ability=board,
            is_struck=lambda: _is_struck(fault, lab, worker, instance),
            is_whole=lambda: not PLACE.folder(lab.folder).exists(),
            remove=lambda: _end(worker),
            restore=lambda: None,
            replace=lambda: _end(worker),
        )
    finally:
        _end(worker)
        board.disarm(PLACE)


@contextmanager
def crash_at(lab: SmallLab) -> Iterator[Scene]:
    """The worker ends itself."""
    with at_failpoint(CrashAt(), lab) as scene:
        yield scene


@contextmanager
def delay_at(lab: SmallLab) -> Iterator[Scene]:
    """The worker waits on."""
    with at_failpoint(DelayAt(), lab) as scene:
        yield scene


@contextmanager
def task_failure(lab: SmallLab) -> Iterator[Scene]:
    """The worker fails, there and whenever it comes back."""
    with at_failpoint(TaskFailure(share=1), lab) as scene:
        yield scene


def _is_struck(fault: FaultKind[Any], lab: SmallLab, worker: subprocess.Popen[bytes], instance: TargetInstance) -> bool:
    if isinstance(fault, CrashAt):
        return worker.poll() is not None
    if isinstance(fault, TaskFailure):
        return (lab.folder / FAILURES).exists()
    return worker.poll() is None and FailpointBoard(lab.folder).is_waiting(instance)


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()
