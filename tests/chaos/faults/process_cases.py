"""The scenes of faults that act on processes: a real PostgreSQL under the lab's supervisor, and its clients."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psutil
import psycopg

from include.chaos.faults.base import FaultKind
from include.chaos.faults.crash_loop import CrashLoop
from include.chaos.faults.file_descriptor_exhaustion import FileDescriptorExhaustion
from include.chaos.faults.kill import Kill
from include.chaos.faults.lose_node import LoseNode
from include.chaos.faults.noop import Noop
from include.chaos.faults.pause import Pause
from include.chaos.faults.restart import Restart
from include.chaos.model import Component, TargetInstance
from tests.chaos.faults.scene import Scene, SmallLab
from tests.waiting import await_

STOP_SECONDS = 20.0


def answers(lab: SmallLab) -> bool:
    """Tell whether the warehouse answers a new client within a second."""
    arguments = lab.lab.plan().warehouse().connect_arguments()
    try:
        with psycopg.connect(**arguments, connect_timeout=2, options="-c statement_timeout=1000") as client:  # type: ignore[arg-type]  # str | int is what libpq takes
            client.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


@contextmanager
def on_warehouse(
    fault: FaultKind[Any],
    lab: SmallLab,
    is_struck: Callable[[TargetInstance], bool] | None = None,
    hold_for: timedelta = timedelta(seconds=20),
) -> Iterator[Scene]:
    """Strike the warehouse's process; to be seen by its clients, unless said otherwise."""
    ability = lab.platform.ability(fault.ability())
    supervisor = lab.lab.plan().supervisor()
    await_(lambda: answers(lab), "the warehouse to answer")
    instance = lab.only(Component.WAREHOUSE)
    try:
        yield Scene(
            fault=fault,
            instance=instance,
            ability=ability,
            is_struck=lambda: is_struck(instance) if is_struck else not answers(lab),
            is_whole=lambda: answers(lab) and not lab.lab.home.hold_of("warehouse").exists(),
            remove=lambda: supervisor.stop(["warehouse"], within=STOP_SECONDS),
            restore=lambda: supervisor.start("warehouse"),
            replace=lambda: end_process(instance),
            hold_for=hold_for,
        )
    finally:
        lab.lab.home.hold_of("warehouse").unlink(missing_ok=True)
        end_process(instance)  # frozen or held, so that the next scene finds a new one


@contextmanager
def kill(lab: SmallLab) -> Iterator[Scene]:
    """The postmaster gets SIGKILL and is held down."""
    with on_warehouse(Kill(), lab) as scene:
        yield scene


@contextmanager
def pause(lab: SmallLab) -> Iterator[Scene]:
    """The postmaster and its children are stopped."""
    with on_warehouse(Pause(), lab) as scene:
        yield scene


@contextmanager
def restart(lab: SmallLab) -> Iterator[Scene]:
    """The postmaster ends by its supervisor's signal, and another one runs."""
    with on_warehouse(Restart(), lab, is_struck=_is_gone, hold_for=timedelta(0)) as scene:
        yield scene


@contextmanager
def crash_loop(lab: SmallLab) -> Iterator[Scene]:
    """The postmaster gets SIGKILL; test_crash_loop.py follows who comes in its place."""
    with on_warehouse(CrashLoop(), lab, is_struck=_is_gone) as scene:
        yield scene


@contextmanager
def file_descriptor_exhaustion(lab: SmallLab) -> Iterator[Scene]:
    """The postmaster lives, and lets nobody in."""
    with on_warehouse(FileDescriptorExhaustion(), lab) as scene:
        yield scene


@contextmanager
def noop(lab: SmallLab) -> Iterator[Scene]:
    """Nothing is struck, ever."""
    with on_warehouse(Noop(), lab) as scene:
        yield scene


@contextmanager
def lose_node(lab: SmallLab) -> Iterator[Scene]:
    """All that runs on the warehouse's node is gone at once, and held down."""
    with on_warehouse(LoseNode(), lab) as scene:
        yield replace(scene, instance=TargetInstance(name="node_1", component=Component.NODE))


def end_process(instance: TargetInstance) -> None:
    """End the process and its children, frozen or not; none is left is fine."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(instance.pid)
        for one in (process, *process.children(recursive=True)):
            one.kill()


def _is_gone(instance: TargetInstance) -> bool:
    try:
        return bool(psutil.Process(instance.pid).create_time() != instance.started_at)
    except psutil.NoSuchProcess:
        return True
