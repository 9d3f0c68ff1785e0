"""The scenes of faults that use up what others need: real stressors, seen by what the kernel counts of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import psutil
from pydantic import ByteSize

from include.chaos.faults.cpu_stress import CpuStress
from include.chaos.faults.io_stress import IoStress
from include.chaos.faults.memory_stress import MemoryStress
from include.chaos.faults.stress import StressFault, Stressor
from include.chaos.model import Component, TargetInstance
from tests.chaos.faults.process_cases import STOP_SECONDS, answers
from tests.chaos.faults.scene import Scene, SmallLab
from tests.waiting import await_

MEMORY_BYTES = 96 * 2**20


def stressors(lab: SmallLab) -> list[psutil.Process]:
    """Find this lab's stressors and their workers by their command lines."""
    home = str(lab.lab.home.run / "stress")
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess):
            if home in " ".join(process.cmdline()):
                found.append(process)
    return found


@contextmanager
def stressed(
    fault: StressFault, lab: SmallLab, component: Component, figure: Callable[[psutil.Process], float], least: float
) -> Iterator[Scene]:
    """Watch for a figure of the stressors' processes to reach `least` together."""
    supervisor = lab.lab.plan().supervisor()
    on_machine = component is Component.NODE
    try:
        yield Scene(
            fault=fault,
            instance=TargetInstance(name="node_1", component=component) if on_machine else lab.only(component),
            ability=lab.platform.ability(Stressor),
            is_struck=lambda: _sum(figure, stressors(lab)) >= least,
            is_whole=lambda: not stressors(lab) and not list(lab.lab.home.run.glob("stress/*")),
            remove=lambda: supervisor.stop([component.value], within=STOP_SECONDS),
            restore=lambda: supervisor.start(component.value),
            replace=partial(end_stressors, lab),
            can_be_gone=not on_machine,
        )
    finally:
        end_stressors(lab)


@contextmanager
def cpu_stress(lab: SmallLab) -> Iterator[Scene]:
    """One process computes."""
    with stressed(CpuStress(workers=1), lab, Component.NODE, lambda process: process.cpu_times().user, 0.3) as scene:
        yield scene


@contextmanager
def memory_stress(lab: SmallLab) -> Iterator[Scene]:
    """One process keeps memory."""
    fault = MemoryStress(size=ByteSize(MEMORY_BYTES), keep_free=ByteSize(256 * 2**20))
    with stressed(fault, lab, Component.NODE, lambda process: process.memory_info().rss, MEMORY_BYTES) as scene:
        yield scene


@contextmanager
def io_stress(lab: SmallLab) -> Iterator[Scene]:
    """Two processes write."""
    written = 2 * 2**20
    await_(lambda: answers(lab), "the warehouse to answer")
    with stressed(
        IoStress(workers=2), lab, Component.WAREHOUSE, lambda process: process.io_counters().write_chars, written
    ) as scene:
        yield scene


def end_stressors(lab: SmallLab) -> None:
    """End them by a foreign hand."""
    for process in stressors(lab):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _sum(figure: Callable[[psutil.Process], float], processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += figure(process)
    return total
