"""Bring components up, all at once where nothing forbids it, each when what it needs is healthy."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from include.errors import LabError
from include.lab.component import Component, Phase, Progress
from include.lab.supervision import STOPPED_STATES, Program

_POLL_SECONDS = 0.4
_EARLY_DEATHS = 4
"""As many ends within a second of the start mean that waiting longer is useless."""


class ComponentError(LabError):
    """One component did not become healthy."""

    def __init__(self, name: str, reason: str) -> None:
        """Name the component, for its log."""
        super().__init__(f"{name}: {reason}")
        self.name = name


class _AbandonedError(Exception):
    """Another component failed first."""


class Programs(Protocol):
    """What starting asks of a supervisor."""

    def programs(self) -> Mapping[str, Program]:
        """Tell the state of every program."""

    def start(self, name: str) -> None:
        """Start a stopped program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One attempt to bring components up."""

    supervisor: Programs
    progress: Progress
    _began: float = field(default_factory=time.monotonic, init=False)
    _given_up: threading.Event = field(default_factory=threading.Event, init=False)

    def bring_up(self, components: Sequence[Component]) -> None:
        """Start what is not running and return when all are healthy; raise `ComponentError` for the first that fails.

        `components` come in an order in which each follows what it needs.
        """
        with ThreadPoolExecutor(max_workers=len(components)) as pool:
            started: dict[str, Future[None]] = {}
            for component in components:
                needed = [started[name] for name in component.needs if name in started]
                started[component.name] = pool.submit(self._bring_up, component, needed)
            wait(started.values(), return_when=FIRST_EXCEPTION)
            self._given_up.set()
        _raise_first(started.values())

    def _bring_up(self, component: Component, needed: Iterable[Future[None]]) -> None:
        self._tell(component, Phase.WAITING)
        for need in needed:
            if need.exception() is not None:
                raise _AbandonedError
        try:
            self._start(component)
        except _AbandonedError:
            raise
        except LabError as error:
            self._tell(component, Phase.FAILED)
            raise ComponentError(component.name, str(error)) from error
        self._tell(component, Phase.HEALTHY)

    def _start(self, component: Component) -> None:
        program = self._program(component)
        if program.state in STOPPED_STATES:
            self._tell(component, Phase.PREPARING)
            component.prepare()
            self._tell(component, Phase.STARTING)
            self.supervisor.start(component.name)
        self._await_health(component)
        component.provision()

    def _await_health(self, component: Component) -> None:
        deadline = time.monotonic() + component.patience
        died_early: set[datetime] = set()
        while (reason := self._ailment(component, died_early)) is not None:
            if len(died_early) >= _EARLY_DEATHS:
                raise LabError(f"it ended at once {len(died_early)} times")
            if time.monotonic() > deadline:
                raise LabError(f"not healthy after {component.patience:.0f} s: {reason}")
            if self._given_up.wait(_POLL_SECONDS):
                raise _AbandonedError

    def _ailment(self, component: Component, died_early: set[datetime]) -> str | None:
        """Say why the component is not healthy; None when it is."""
        program = self._program(component)
        if program.state == "BACKOFF":
            died_early.add(program.started_at)
        return ailment(component, program)

    def _program(self, component: Component) -> Program:
        known = self.supervisor.programs()
        if component.name not in known:
            raise LabError("the running lab does not know it. `chaos-control down`, then `up`, takes it in")
        return known[component.name]

    def _tell(self, component: Component, phase: Phase) -> None:
        self.progress(component.name, phase, time.monotonic() - self._began)


def ailment(component: Component, program: Program) -> str | None:
    """Say why a component is not healthy; None when it is."""
    if program.state != "RUNNING":
        return f"its process is {program.state.lower()}"
    try:
        component.check(program.started_at)
    except LabError as error:
        return str(error)
    return None


def _raise_first(started: Iterable[Future[None]]) -> None:
    """Raise a component's own failure rather than that another was given up for it."""
    failures = [error for future in started if (error := future.exception()) is not None]
    for failure in failures:
        if not isinstance(failure, _AbandonedError):
            raise failure
