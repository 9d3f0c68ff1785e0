"""Acts on a lab's processes: end, hold down, freeze.

A component is held down by its hold file: while the deadline in it lies ahead, the lab's launcher waits instead of
starting the server. So a hold ends at its deadline even when nobody is left alive to lift it. What the pipeline spawns
has no launcher: it cannot be held down, and whoever spawned it brings it back.
"""

import contextlib
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from include.chaos.model import SPAWNED, TargetInstance
from include.chaos.platforms.local_supervisor import LocalSupervisor, same_process
from include.errors import PlatformError
from include.settings import SiteComponent

END_SECONDS = 10.0
RUN_SECONDS = 60.0
_POLL_SECONDS = 0.02


class LocalProcesses:
    """End, hold down, freeze and watch the processes of one lab."""

    def __init__(self, supervisor: LocalSupervisor) -> None:
        """Act on what that supervisor keeps."""
        self._supervisor = supervisor

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        """Give the instance with the process that it has now; raise `PlatformError` when it has none."""
        if instance.component in SPAWNED:
            same_process(instance)
            return instance
        return self._supervisor.instance(self._component(instance))

    def hold_down(self, instance: TargetInstance, until: datetime) -> None:
        """Keep the launcher from starting the process until then."""
        write_deadline(self._component(instance).hold_file, until)

    def lift_hold(self, instance: TargetInstance) -> None:
        """Remove the hold file, if there is one."""
        if instance.component not in SPAWNED:
            self._component(instance).hold_file.unlink(missing_ok=True)

    def signal_process(self, instance: TargetInstance, number: signal.Signals) -> None:
        """Send a signal to the very process that was resolved, and wait until it has ended."""
        process = same_process(instance)
        try:
            process.send_signal(number)
            process.wait(END_SECONDS)
        except psutil.NoSuchProcess:
            return
        except (psutil.TimeoutExpired, psutil.AccessDenied) as error:
            raise PlatformError(
                f"{instance.name}: {number.name} to pid {instance.pid} had no effect: {error}"
            ) from error

    def end_orderly(self, instance: TargetInstance, grace: timedelta) -> None:
        """Send the supervisor's stop signal; what has not ended after the grace is killed, with its children."""
        number = self._supervisor.stop_signal(self._component(instance))
        process = same_process(instance)
        with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            process.send_signal(number)
            process.wait(grace.total_seconds())
        _signal_family(process, signal.SIGKILL)
        await_condition(lambda: not self.lives(instance), END_SECONDS, f"{instance.name}: SIGKILL had no effect")

    def lives(self, instance: TargetInstance) -> bool:
        """Tell whether that very process lives."""
        return _lives(instance)

    def await_another(self, instance: TargetInstance) -> None:
        """Return when the server runs in another process than that one."""
        component = self._component(instance)
        complaint = f"{instance.name}: no other process after {RUN_SECONDS:.0f} s"
        await_condition(lambda: not self.lives(instance) and self._runs_server(component), RUN_SECONDS, complaint)

    def is_running(self, instance: TargetInstance) -> bool:
        """Tell whether the server itself runs, not only the launcher that holds it."""
        if instance.component in SPAWNED:
            return _lives(instance)
        return self._runs_server(self._component(instance))

    def await_running(self, instance: TargetInstance) -> None:
        """Return when the supervisor has the server itself running; at once where the pipeline is to bring it back."""
        if instance.component in SPAWNED:
            return
        component = self._component(instance)
        complaint = f"{instance.name}: not running again after {RUN_SECONDS:.0f} s"
        await_condition(lambda: self._runs_server(component), RUN_SECONDS, complaint)

    def freeze(self, instance: TargetInstance) -> None:
        """Stop that very process and its children, and see them stopped."""
        _signal_family(same_process(instance), signal.SIGSTOP)
        await_condition(lambda: self.is_frozen(instance), END_SECONDS, f"{instance.name}: SIGSTOP had no effect")

    def thaw(self, instance: TargetInstance) -> None:
        """Let them go on; nothing if they are gone or never stopped."""
        with contextlib.suppress(PlatformError):
            _signal_family(same_process(instance), signal.SIGCONT)

    def is_frozen(self, instance: TargetInstance) -> bool:
        """Tell whether that very process is stopped."""
        try:
            return bool(same_process(instance).status() == psutil.STATUS_STOPPED)
        except psutil.NoSuchProcess:
            return False

    def _component(self, instance: TargetInstance) -> SiteComponent:
        if instance.component in SPAWNED:
            raise PlatformError(f"{instance.name}: nobody supervises a {instance.component}, so it cannot be held down")
        return self._supervisor.component(instance.name)

    def _runs_server(self, component: SiteComponent) -> bool:
        pid = self._supervisor.pid(component)
        return pid is not None and _is_server(pid, component)


def _signal_family(process: psutil.Process, number: signal.Signals) -> None:
    """Signal a process and its descendants; who ends meanwhile needs no signal."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(number)


def _lives(instance: TargetInstance) -> bool:
    try:
        same_process(instance)
    except PlatformError:
        return False
    return True


def _is_server(pid: int, component: SiteComponent) -> bool:
    """Tell the server from what comes before it, and from remains that nobody has reaped yet.

    Before it the process is a copy of the supervisor, then the program's script, then the launcher that a hold keeps.
    """
    try:
        process = psutil.Process(pid)
        command, parent = process.cmdline(), process.parent()
        forked = parent is not None and parent.cmdline() == command
    except psutil.Error:
        return False
    return bool(command) and not forked and {component.script, str(component.hold_file)}.isdisjoint(command)


def write_deadline(file: Path, until: datetime) -> None:
    """Put a deadline into a file that others read, in one step."""
    replacement = file.with_suffix(".new")
    replacement.write_text(f"{until.timestamp():.3f}\n")
    replacement.replace(file)


def await_condition(condition: Callable[[], bool], seconds: float, complaint: str) -> None:
    """Return as soon as a condition holds; raise `PlatformError` with the complaint when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise PlatformError(complaint)
        time.sleep(_POLL_SECONDS)
