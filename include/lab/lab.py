"""The lab: real servers as local processes under one supervisor, which restarts what dies as a kubelet would."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from include.errors import LabError
from include.lab import catalogue, ports, reaper, startup, supervision
from include.lab.component import Component, Progress, silent
from include.lab.credentials import Credentials
from include.lab.layout import LabHome, last_lines, write_whole
from include.lab.nodes import node_of
from include.lab.plan import PORT_NAMES, Plan
from include.lab.status import ComponentStatus, State, observe
from include.lab.supervision import Supervisor, base_environment
from include.settings import LocalSite, SiteComponent

EVERYTHING = frozenset(catalogue.NAMES)
_STOP_SECONDS = 15.0
_LOCK_SECONDS = 30.0
_LOG_LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """One lab: a folder, and the processes that run from it."""

    home: LabHome
    names: frozenset[str]

    @classmethod
    def open(cls, home: Path | None = None, *, names: frozenset[str] = EVERYTHING) -> "Lab":
        """Open the lab in a folder, by default as `LabHome.find` says, made of the named components."""
        return cls(home=LabHome.find(home, os.environ), names=names)

    def up(self, progress: Progress = silent) -> bool:
        """Start what is not running and return when all is healthy: False if it was so already.

        Raises `LabError`, with the end of the log of the component that failed; the others are left running.
        """
        self.home.create()
        with self._alone():
            plan, running = self._plan_to_start()
            components = catalogue.components(plan, self.names)
            if running and self._all_healthy(plan, components):
                return False
            if not running:
                self._start_supervisor(plan, components)
            self._bring_up(plan, components, progress)
            return True

    def down(self, *, purge: bool = False) -> int:
        """Stop everything, and return how many processes had to be reaped; `purge` also deletes all that the lab made.

        Safe at any moment: half started, without its supervisor, or with nothing running.
        """
        if not self.home.credentials_file.exists():
            return 0  # never up, so nothing of it runs
        with self._alone():
            plan = self.plan()
            self._stop(plan.supervisor())
            reaped = self._reap(plan.credentials)
            if purge:
                self.home.delete()
            return reaped

    def status(self) -> list[ComponentStatus]:
        """Look at every component."""
        plan = self.plan()
        supervisor = plan.supervisor()
        programs = supervisor.programs() if supervisor.is_running() else {}
        return observe(self.home, catalogue.components(plan, self._names_of_site()), programs)

    def log_tail(self, name: str, lines: int = _LOG_LINES) -> str:
        """Read the end of a component's log."""
        path = self.home.log_of(name)
        if not path.exists():
            known = ", ".join(sorted(log.stem for log in self.home.logs.glob("*.log"))) or "none"
            raise LabError(f"no log of {name!r} in {self.home.logs}. There are: {known}")
        return last_lines(path, lines)

    def environment(self) -> dict[str, str]:
        """Give the variables from which `include.settings` reads this lab; secrets are in clear."""
        return self.plan().environment()

    def plan(self) -> Plan:
        """Give the addresses and secrets of a lab that was up before; raise `LabError` when it never was."""
        credentials = Credentials.read(self.home.credentials_file)
        return Plan(home=self.home, ports=ports.remembered(self.home.ports_file), credentials=credentials)

    def _plan_to_start(self) -> tuple[Plan, bool]:
        """Settle ports and secrets, and tell whether the lab's supervisor runs on them already."""
        credentials = Credentials.read_or_generate(self.home.credentials_file)
        known = ports.remembered(self.home.ports_file)
        if known:
            plan = Plan(home=self.home, ports=known, credentials=credentials)
            if plan.supervisor().is_running():
                return plan, True
        self._reap(credentials)  # what outlived its supervisor holds our ports and our data
        settled = ports.settle(self.home.ports_file, PORT_NAMES)
        return Plan(home=self.home, ports=settled, credentials=credentials), False

    def _start_supervisor(self, plan: Plan, components: tuple[Component, ...]) -> None:
        catalogue.install(plan, os.environ)
        supervisor = plan.supervisor()
        supervision.write_files(self.home, components, supervisor)
        write_whole(self.home.site_file, _site(plan, components).model_dump_json(indent=2), mode=0o644)
        for hold_file in self.home.holds.iterdir():
            hold_file.unlink()
        supervision.start_daemon(self.home, supervisor, base_environment(supervisor.lab_id, os.environ))

    def _all_healthy(self, plan: Plan, components: tuple[Component, ...]) -> bool:
        seen = observe(self.home, components, plan.supervisor().programs())
        return all(component.state is State.HEALTHY for component in seen)

    def _bring_up(self, plan: Plan, components: tuple[Component, ...], progress: Progress) -> None:
        try:
            startup.Start(supervisor=plan.supervisor(), progress=progress).bring_up(components)
        except startup.ComponentError as error:
            log = self.home.log_of(error.name)
            raise LabError(
                f"{error}\n{log} ends with:\n{last_lines(log, _LOG_LINES) or '(nothing)'}\n"
                "The rest was left running, to be looked at: `chaos-control status`, `logs`, and `down` when done"
            ) from error

    def _stop(self, supervisor: Supervisor) -> None:
        """Stop the clients, then the servers that they use, then the supervisor; leave the stubborn to the reaper."""
        if not supervisor.is_running():
            return
        with contextlib.suppress(LabError):  # a supervisor that dies or hangs under this is reaped like the rest
            everything = frozenset(supervisor.programs())
            supervisor.stop(everything - catalogue.SERVERS, within=_STOP_SECONDS)
            supervisor.stop(everything & catalogue.SERVERS, within=_STOP_SECONDS)
            supervisor.shutdown(within=_STOP_SECONDS)

    def _reap(self, credentials: Credentials) -> int:
        return reaper.reap(lambda: reaper.leftovers(credentials.lab_id, self.home.data))

    def _names_of_site(self) -> frozenset[str]:
        """Name the components that the lab was started with."""
        if not self.home.site_file.exists():
            return self.names
        return frozenset(component.name for component in LocalSite.read(self.home.site_file).components)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a second `up` or `down` of the same lab waiting, and in the end away."""
        with self.home.lock.open("w") as lock:
            deadline = time.monotonic() + _LOCK_SECONDS
            while not _acquired(lock):
                if time.monotonic() > deadline:
                    raise LabError(f"another `up` or `down` of the lab at {self.home.path} has not ended yet")
                time.sleep(0.2)
            yield


def _acquired(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _site(plan: Plan, components: tuple[Component, ...]) -> LocalSite:
    return LocalSite(
        lab_id=plan.credentials.lab_id,
        home=plan.home.path,
        supervisor_url=plan.supervisor().url,
        components=tuple(
            SiteComponent(
                name=component.name,
                component=component.component,
                port=component.port,
                node=node_of(component.name),
                hold_file=plan.home.hold_of(component.name),
                script=supervision.script_of(component.name),
                data_folder=component.data_folder,
            )
            for component in components
        ),
    )
