"""Processes that look like a lab's Spark executors, beside a driver that listens."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import environ
from pathlib import Path

import psutil
import pytest

from include.chaos.platforms.spark_jobs import SparkJobs
from include.settings import LAB_ID_VARIABLE, LocalSite
from tests.chaos.fakes import FakeClock
from tests.waiting import await_


@dataclass
class SparkProcesses:
    """One job with one executor, and what looks at it."""

    driver: int
    lab_id: str
    clock: FakeClock = field(default_factory=FakeClock)
    executors: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.jobs = SparkJobs(monotonic=self.clock.monotonic)

    def start_executor(self) -> None:
        url = f"spark://CoarseGrainedScheduler@127.0.0.1:{self.driver}"
        command = [sys.executable, "-c", "input()", "CoarseGrainedExecutorBackend", "--driver-url", url]
        lab = {**environ, LAB_ID_VARIABLE: self.lab_id}
        executor = subprocess.Popen(command, stdin=subprocess.PIPE, env=lab)
        self.executors.append(executor)
        await_(lambda: self._is_known_by_its_looks(psutil.Process(executor.pid)), "the executor to look like one")

    def _is_known_by_its_looks(self, process: psutil.Process) -> bool:
        """Tell whether it is past the moment in which it is a copy of its parent."""
        is_executor = any("CoarseGrainedExecutorBackend" in word for word in process.cmdline())
        return is_executor and process.environ().get(LAB_ID_VARIABLE) == self.lab_id

    def kill_executor(self) -> None:
        executor = self.executors.pop()
        executor.kill()
        executor.communicate()


@contextmanager
def spark_cluster(driver: int, environment: pytest.MonkeyPatch) -> Iterator[SparkProcesses]:
    """Run one executor of the job whose driver listens on that port."""
    with tempfile.TemporaryDirectory() as folder:
        site = LocalSite(lab_id=folder, home=Path(folder), supervisor_url="http://127.0.0.1:1", components=())
        file = Path(folder) / "site.json"
        file.write_text(site.model_dump_json())
        environment.setenv("CHAOS_SITE_FILE", str(file))
        environment.setenv("CHAOS_SITE_SUPERVISOR_USER", "u")
        environment.setenv("CHAOS_SITE_SUPERVISOR_PASSWORD", "p")
        cluster = SparkProcesses(driver=driver, lab_id=folder)
        cluster.start_executor()
        try:
            yield cluster
        finally:
            while cluster.executors:
                cluster.kill_executor()
