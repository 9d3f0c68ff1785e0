"""The supervisor of one lab, asked for the processes of its components."""

import signal
import xmlrpc.client
from collections.abc import Sequence
from http.client import HTTPException
from urllib.parse import quote, urlsplit

import psutil

from include.chaos.model import Component, TargetInstance
from include.errors import PlatformError
from include.settings import LocalSite, LocalSiteSettings, SiteComponent


class LocalSupervisor:
    """The components of one lab, and the process that each has now."""

    def __init__(self, settings: LocalSiteSettings) -> None:
        """Read the site file; raise `ConfigurationError` when there is none."""
        self.site = LocalSite.read(settings.file)
        self._url = _with_credentials(self.site.supervisor_url, settings)

    def component(self, name: str) -> SiteComponent:
        """Find a component by its instance's name."""
        for component in self.site.components:
            if component.name == name:
                return component
        raise PlatformError(f"target {name}: not a component of the lab at {self.site.home}")

    def components(self) -> Sequence[SiteComponent]:
        """Give all components of the lab."""
        return self.site.components

    def instance(self, component: SiteComponent) -> TargetInstance:
        """Give the component's instance with its process; raise `PlatformError` when it has none."""
        pid = self.pid(component)
        if pid is None:
            raise PlatformError(f"target {component.name}: not running, so there is nothing to strike")
        return instance_of(pid, name=component.name, component=Component(component.component))

    def pid(self, component: SiteComponent) -> int | None:
        """Ask for the component's process; the supervisor answers 0 when there is none."""
        info = self._ask(component, "getProcessInfo", component.name)
        pid = info["pid"] if isinstance(info, dict) else 0
        return pid if isinstance(pid, int) and pid > 0 else None

    def stop_signal(self, component: SiteComponent) -> signal.Signals:
        """Ask for the signal by which the supervisor stops the component."""
        told = self._ask(component, "getAllConfigInfo")
        for program in told if isinstance(told, list) else []:
            if program["name"] == component.name:
                return signal.Signals(program["stopsignal"])
        raise PlatformError(f"{component.name}: the supervisor does not know it")

    def _ask(self, component: SiteComponent, method: str, *arguments: str) -> object:
        try:
            with xmlrpc.client.ServerProxy(self._url) as proxy:
                return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, HTTPException, xmlrpc.client.Error) as error:
            # Not `from error`: a protocol error quotes the address with the password.
            raise PlatformError(f"{component.name}: the supervisor does not answer: {type(error).__name__}") from None


def instance_of(pid: int, *, name: str, component: Component) -> TargetInstance:
    """Describe a living process as an instance; raise `PlatformError` when it has ended."""
    try:
        started_at = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess as error:
        raise PlatformError(f"target {name}: its process {pid} has just ended") from error
    return TargetInstance(name=name, component=component, pid=pid, started_at=started_at)


def same_process(instance: TargetInstance) -> psutil.Process:
    """Give the very process that was resolved; raise `PlatformError` when it has ended or its pid is another's."""
    try:
        process = psutil.Process(instance.pid)
        if process.create_time() == instance.started_at and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except psutil.NoSuchProcess as error:
        raise PlatformError(f"{instance.name}: its process {instance.pid} has ended by itself") from error
    raise PlatformError(f"{instance.name}: pid {instance.pid} is another process by now; it was not touched")


def _with_credentials(url: str, settings: LocalSiteSettings) -> str:
    parts = urlsplit(url)
    user, password = quote(settings.supervisor_user), quote(settings.supervisor_password.get_secret_value())
    return parts._replace(netloc=f"{user}:{password}@{parts.netloc}").geturl()
