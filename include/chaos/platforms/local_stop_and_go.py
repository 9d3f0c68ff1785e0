"""Orders to stop processes of a lab for a share of the time; `stop_and_go` carries each out in a process of its own."""

import contextlib
import shutil
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import psutil

from include.chaos.faults.abilities import Cycle
from include.chaos.model import TargetInstance
from include.chaos.platforms import stop_and_go
from include.chaos.platforms.local_processes import LocalProcesses
from include.chaos.platforms.local_supervisor import LocalSupervisor, instance_of, same_process
from include.chaos.platforms.waiting import await_condition
from include.errors import PlatformError
from include.settings import REPO_ROOT

_TAKES_SECONDS = 15.0
_POLL_SECONDS = 0.005


class LocalStopAndGo(LocalProcesses):
    """The orders of one lab, each a folder of its own."""

    def __init__(self, supervisor: LocalSupervisor) -> None:
        """Give no order yet."""
        super().__init__(supervisor)
        self._orders = supervisor.site.home / "run" / "stop_and_go"

    def supervisor_of(self, instance: TargetInstance) -> TargetInstance:
        """Give the process that sends a task's heartbeats: the one that has forked the task's."""
        parent = same_process(instance).parent()
        if parent is None or parent.pid == 1:
            raise PlatformError(f"{instance.name}: nobody watches over its process {instance.pid} any more")
        return instance_of(parent.pid, name=instance.name, component=instance.component)

    def begin(self, process: TargetInstance, name: str, cycle: Cycle, until: datetime) -> None:
        """Stop that very process again and again until then, and see it stopped."""
        same_process(process)
        order = self._orders / name
        _write(order, until)
        if stop_and_go.holder_of(order) is None:
            _start_holder(order, process, cycle)
        await_condition(
            lambda: self.is_frozen(process),
            within=_TAKES_SECONDS,
            every=_POLL_SECONDS,
            complaint=f"{process.name}: process {process.pid} was never seen stopped",
        )

    def extend(self, name: str, until: datetime) -> None:
        """Move the end of an order that stands."""
        if (order := self._orders / name).is_dir():
            _write(order, until)

    def stands(self, process: TargetInstance, name: str) -> bool:
        """Tell whether the order is carried out."""
        order = self._orders / name
        with contextlib.suppress(PlatformError):
            same_process(process)
            return stop_and_go.stands_until(order) > time.time() and stop_and_go.holder_of(order) is not None
        return False

    def end(self, process: TargetInstance, name: str) -> None:
        """End the order and let the process go on.

        The order goes first: a holder that has not signed yet finds none, and never stops anybody.
        """
        order = self._orders / name
        (order / stop_and_go.UNTIL).unlink(missing_ok=True)
        if holder := stop_and_go.holder_of(order):
            _see_ended(holder)
        shutil.rmtree(order, ignore_errors=True)
        with contextlib.suppress(PlatformError, psutil.NoSuchProcess):
            same_process(process).resume()


def _write(order: Path, until: datetime) -> None:
    order.mkdir(parents=True, exist_ok=True)
    replacement = order / f"{stop_and_go.UNTIL}.new"
    replacement.write_text(f"{until.timestamp():.3f}")
    replacement.replace(order / stop_and_go.UNTIL)


def _start_holder(order: Path, process: TargetInstance, cycle: Cycle) -> None:
    arguments = (order, process.pid, repr(process.started_at), cycle.stopped, cycle.period.total_seconds())
    holder = subprocess.Popen(
        [sys.executable, "-m", stop_and_go.__name__, *map(str, arguments)],
        cwd=REPO_ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=holder.wait, name=f"reap-{holder.pid}", daemon=True).start()


def _see_ended(holder: psutil.Process) -> None:
    """Let a holder end by itself, or else by force: it was told to."""
    try:
        holder.wait(_TAKES_SECONDS)
    except psutil.TimeoutExpired:
        with contextlib.suppress(psutil.NoSuchProcess):
            holder.kill()
