"""The local platform: components are processes of a lab, kept by its supervisor.

A process is held down by its hold file: while the deadline in it lies ahead, the lab's launcher waits instead of
starting the server. So a hold ends at its deadline even when nobody is left alive to lift it.
"""

import signal
import time
import xmlrpc.client
from collections.abc import Callable
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil

from include.chaos.model import Target, TargetInstance
from include.errors import PlatformError
from include.settings import LocalSite, LocalSiteSettings, SiteComponent

END_SECONDS = 10.0
RUN_SECONDS = 60.0
_POLL_SECONDS = 0.02


class LocalPlatform:
    """Resolve and act on the processes of one lab."""

    def __init__(self, settings: LocalSiteSettings) -> None:
        """Read the site file; raise `ConfigurationError` when there is none."""
        self._site = LocalSite.read(settings.file)
        self._supervisor_url = _with_credentials(self._site.supervisor_url, settings)

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        """Find the running instances that a target names; raise `PlatformError` when there are none."""
        known = [c for c in self._site.components if c.component == target.component]
        chosen = [c for c in known if not target.instances or c.name in target.instances]
        if not chosen:
            there = ", ".join(c.name for c in known) or "none"
            raise PlatformError(f"target {target.component}: no such instance on this lab; there are: {there}")
        return tuple(self._instance(component, target) for component in chosen)

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        """Give the instance with the process that it has now; raise `PlatformError` when it has none."""
        return self._instance(
            self._component(instance), Target(component=instance.component, instances=(instance.name,))
        )

    def hold_down(self, instance: TargetInstance, until: datetime) -> None:
        """Keep the launcher from starting the process until then."""
        hold_file = self._component(instance).hold_file
        replacement = hold_file.with_suffix(".new")
        replacement.write_text(f"{until.timestamp():.3f}\n")
        replacement.replace(hold_file)

    def lift_hold(self, instance: TargetInstance) -> None:
        """Remove the hold file, if there is one."""
        self._component(instance).hold_file.unlink(missing_ok=True)

    def signal_process(self, instance: TargetInstance, number: signal.Signals) -> None:
        """Send a signal to the very process that was resolved, and wait until it has ended."""
        process = _same_process(instance)
        try:
            process.send_signal(number)
            process.wait(END_SECONDS)
        except psutil.NoSuchProcess:
            return
        except (psutil.TimeoutExpired, psutil.AccessDenied) as error:
            raise PlatformError(
                f"{instance.name}: {number.name} to pid {instance.pid} had no effect: {error}"
            ) from error

    def is_running(self, instance: TargetInstance) -> bool:
        """Tell whether the server itself runs, not only the launcher that holds it."""
        return self._runs_server(self._component(instance))

    def await_running(self, instance: TargetInstance) -> None:
        """Return when the supervisor has the server itself running, not the launcher that holds it."""
        component = self._component(instance)
        _await(lambda: self._runs_server(component), f"{instance.name}: not running again after {RUN_SECONDS:.0f} s")

    def _runs_server(self, component: SiteComponent) -> bool:
        pid = self._pid(component)
        return pid is not None and not _is_held(pid, component.hold_file)

    def _instance(self, component: SiteComponent, target: Target) -> TargetInstance:
        pid = self._pid(component)
        if pid is None:
            raise PlatformError(f"target {component.name}: not running, so there is nothing to strike")
        try:
            started_at = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess as error:
            raise PlatformError(f"target {component.name}: its process {pid} has just ended") from error
        return TargetInstance(name=component.name, component=target.component, pid=pid, started_at=started_at)

    def _component(self, instance: TargetInstance) -> SiteComponent:
        for component in self._site.components:
            if component.name == instance.name:
                return component
        raise PlatformError(f"target {instance.name}: not a component of the lab at {self._site.home}")

    def _pid(self, component: SiteComponent) -> int | None:
        """Ask the supervisor for the component's process; it answers 0 when there is none."""
        try:
            with xmlrpc.client.ServerProxy(self._supervisor_url) as supervisor:
                info = supervisor.supervisor.getProcessInfo(component.name)
        except (OSError, HTTPException, xmlrpc.client.Error) as error:
            raise PlatformError(f"{component.name}: the supervisor does not answer: {type(error).__name__}") from error
        pid = info["pid"] if isinstance(info, dict) else 0
        return pid if isinstance(pid, int) and pid > 0 else None


def _with_credentials(url: str, settings: LocalSiteSettings) -> str:
    parts = urlsplit(url)
    user, password = quote(settings.supervisor_user), quote(settings.supervisor_password.get_secret_value())
    return parts._replace(netloc=f"{user}:{password}@{parts.netloc}").geturl()


def _same_process(instance: TargetInstance) -> psutil.Process:
    try:
        process = psutil.Process(instance.pid)
        if process.create_time() == instance.started_at:
            return process
    except psutil.NoSuchProcess as error:
        raise PlatformError(f"{instance.name}: its process {instance.pid} has ended by itself") from error
    raise PlatformError(f"{instance.name}: pid {instance.pid} is another process by now; it was not touched")


def _is_held(pid: int, hold_file: Path) -> bool:
    """Tell a launcher, which has the hold file among its arguments, from the server that replaces it."""
    try:
        return str(hold_file) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return True


def _await(condition: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + RUN_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise PlatformError(complaint)
        time.sleep(_POLL_SECONDS)
