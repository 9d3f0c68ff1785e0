"""What running Spark jobs of a lab have lost: seen in the processes that serve them, which name their job's driver."""

import re
import socket
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from include.chaos.platforms.local_pipeline import executors_of_lab, python_workers_below
from include.chaos.probes.spark import SparkPart
from include.errors import PlatformError
from include.settings import LocalSite, LocalSiteSettings

_DRIVER = re.compile(r"--driver-url spark://\S+@(?P<host>[\w.-]+):(?P<port>\d+)")

CERTAIN_AFTER = 1.0
"""Seconds after which a process that is gone is lost: had its job just ended, the driver would have gone as well."""

ALL_CERTAIN_AFTER = 10.0
"""The same where all are gone: a job that ends lets them go first, and its driver may take seconds to follow."""

SHOWN_FOR = 1.0
"""Seconds for which a loss shows at least, so that no look misses what is replaced at once."""

Address = tuple[str, int]


@dataclass(slots=True)
class Job:
    """The processes that one job has, and those that it had."""

    most: int = 0
    alive: frozenset[psutil.Process] = frozenset()
    gone_at: list[float] = field(default_factory=list)

    def note(self, alive: frozenset[psutil.Process], now: float) -> None:
        """Compare with the look before."""
        self.gone_at += [now] * len(self.alive - alive)
        self.alive = alive
        self.most = max(self.most, len(alive))

    def lost(self, now: float) -> int:
        """Count what is certainly lost and not replaced, and what was lost a moment ago."""
        certain_after = CERTAIN_AFTER if self.alive else ALL_CERTAIN_AFTER
        certain = [since for at in self.gone_at if (since := now - at) >= certain_after]
        shown = [since for since in certain if since < certain_after + SHOWN_FOR]
        return max(len(shown), min(len(certain), self.most - len(self.alive)))


class SparkJobs:
    """One probe's memory of the jobs that run on a lab."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Know no job yet; the first look reads which lab it is."""
        self._monotonic = monotonic
        self._jobs: dict[Address, Job] = {}
        self._others: set[psutil.Process] = set()
        self._lab_id: str | None = None

    def lost(self, part: SparkPart, timeout: float) -> int:
        """Count what running jobs have lost; a job runs while its driver listens."""
        if self._lab_id is None:
            self._lab_id = LocalSite.read(LocalSiteSettings.from_environment().file).lab_id
        now = self._monotonic()
        seen = self._serving(self._lab_id, part)
        running = {address for address in seen.keys() | self._jobs.keys() if _listens(address, timeout)}
        self._jobs = {address: self._jobs.get(address) or Job() for address in running}
        for address, job in self._jobs.items():
            job.note(seen[address], now)
        return sum(job.lost(now) for job in self._jobs.values())

    def _serving(self, lab_id: str, part: SparkPart) -> defaultdict[Address, frozenset[psutil.Process]]:
        """Give the processes that serve each job, by the address of its driver."""
        serving: defaultdict[Address, frozenset[psutil.Process]] = defaultdict(frozenset)
        for process, command in executors_of_lab(lab_id, self._others):
            if driver := _DRIVER.search(command):
                address = driver["host"], int(driver["port"])
                serving[address] |= {process} if part is SparkPart.EXECUTORS else set(python_workers_below(process))
        return serving


def _listens(address: Address, timeout: float) -> bool:
    try:
        with socket.create_connection(address, timeout=timeout):
            return True
    except TimeoutError as error:
        raise PlatformError(f"the Spark driver at {address[0]}:{address[1]} does not answer") from error
    except OSError:
        return False
