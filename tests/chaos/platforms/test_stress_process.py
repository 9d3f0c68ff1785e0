"""The stressor as a process of its own: it ends by itself, whatever has become of whoever started it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from include.chaos.faults.stress_work import CpuWork, MemoryWork, StressWork
from include.chaos.platforms.local_stress import MODULE
from include.settings import REPO_ROOT
from tests.waiting import await_

CPU = CpuWork(workers=2, load=0.1)

STARTER = """
import os, subprocess, sys, time
print(subprocess.Popen([*sys.argv[1:], str(os.getpid())]).pid, flush=True)
time.sleep(600)
"""


class Started:
    """One stressor with its deadline file, and all processes that were ever seen to be its own."""

    def __init__(self, folder: Path) -> None:
        self.deadline = folder / "deadline"
        self.allow(60)
        self.family: list[psutil.Process] = []

    def allow(self, seconds: float) -> None:
        self.deadline.write_text(f"{time.time() + seconds}")

    def command(self, work: StressWork) -> list[str]:
        return [sys.executable, "-m", MODULE, work.model_dump_json(), str(self.deadline)]

    def start(self, work: CpuWork) -> None:
        process = subprocess.Popen([*self.command(work), str(os.getpid())], cwd=REPO_ROOT)
        self.watch(process.pid, work.workers)

    def watch(self, pid: int, workers: int) -> None:
        main = psutil.Process(pid)
        await_(lambda: len(main.children()) == workers, "the workers")
        self.family = [main, *main.children()]

    def all_gone(self) -> bool:
        return not any(process.is_running() and not _is_zombie(process) for process in self.family)

    def end(self) -> None:
        for process in self.family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(self.family)


def _is_zombie(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return True


@pytest.fixture
def stress(tmp_path: Path) -> Iterator[Started]:
    started = Started(tmp_path)
    try:
        yield started
    finally:
        started.end()


def test_it_ends_at_its_deadline(stress: Started) -> None:
    """Nobody has to end it, and the deadline can be moved."""
    stress.start(CPU)
    stress.allow(0.2)
    await_(stress.all_gone, "its end")


def test_it_ends_when_its_deadline_is_taken_away(stress: Started) -> None:
    """Without the file there is no right to go on."""
    stress.start(CPU)
    stress.deadline.unlink()
    await_(stress.all_gone, "its end")


def test_it_dies_with_whoever_started_it(stress: Started) -> None:
    """An agent that is killed leaves no stress behind."""
    agent = subprocess.Popen(
        [sys.executable, "-c", STARTER, *stress.command(CPU)], cwd=REPO_ROOT, stdout=subprocess.PIPE, text=True
    )
    assert agent.stdout is not None
    stress.watch(int(agent.stdout.readline()), CPU.workers)
    agent.kill()
    agent.communicate()
    await_(stress.all_gone, "its end")


def test_its_workers_die_with_it(stress: Started) -> None:
    """Killed itself, it leaves nothing that computes."""
    stress.start(CPU)
    stress.family[0].kill()
    await_(stress.all_gone, "the workers' end")


def test_it_ends_when_a_worker_has(stress: Started) -> None:
    """Half a stress is none: it does not go on with what is left."""
    stress.start(CPU)
    stress.family[1].kill()
    await_(stress.all_gone, "its end")


def test_it_is_the_first_to_go_when_memory_runs_out(stress: Started) -> None:
    """The kernel would take it and its workers before anything of the pipeline."""
    stress.start(CPU)
    scores = [Path(f"/proc/{process.pid}/oom_score_adj").read_text().strip() for process in stress.family]
    assert scores == ["1000"] * 3


def test_it_gives_memory_up_that_others_need(stress: Started) -> None:
    """With less left than its floor it ends, before it has taken what it was to take."""
    total = psutil.virtual_memory().total
    process = subprocess.Popen(
        [*stress.command(MemoryWork(size=2**40, keep_free=total)), str(os.getpid())], cwd=REPO_ROOT
    )
    stress.family = [psutil.Process(process.pid)]
    await_(stress.all_gone, "its end")


def test_it_computes_for_the_share_of_time_that_was_asked_for(stress: Started) -> None:
    """A tenth of the time is not all of it; CPU time is the kernel's count, not the clock's."""
    stress.start(CpuWork(workers=1, load=0.1))
    worker = stress.family[1]
    began = time.time()
    await_(lambda: worker.cpu_times().user > 0.1, "some use of CPU")
    assert worker.cpu_times().user < 0.7 * (time.time() - began) + 0.1
