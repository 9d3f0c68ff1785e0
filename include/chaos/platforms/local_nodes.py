"""The nodes of a lab: groups of its components that fail together, as those of one machine do."""

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime

import psutil

from include.chaos.model import CONTROL_NODE, Component, Target, TargetInstance
from include.chaos.platforms.local_processes import LocalProcesses
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.chaos.platforms.waiting import await_condition
from include.errors import PlatformError
from include.settings import SiteComponent

END_SECONDS = 10.0
_POLL_SECONDS = 0.005


class LocalNodes:
    """Ends all processes of a node at once, and brings it back."""

    def __init__(self, supervisor: LocalSupervisor) -> None:
        """Act on what that supervisor keeps."""
        self._supervisor = supervisor
        self._processes = LocalProcesses(supervisor)

    def hold_down(self, instance: TargetInstance, until: datetime) -> None:
        """Keep the launchers from starting the node's processes until then."""
        for member in self._members(instance):
            self._processes.hold_down(member, until)

    def lose(self, instance: TargetInstance) -> None:
        """End all of its processes at once, with whatever they have spawned, and return when they have."""
        roots = [pid for component in self._components(instance) if (pid := self._supervisor.pid(component))]
        if not any(map(self._processes.is_running, self._members(instance))):
            raise PlatformError(f"{instance.name}: none of its components runs, so there is nothing to lose")
        family = _frozen_family(roots)
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        await_condition(
            lambda: not any(map(_lives, family)),
            within=END_SECONDS,
            every=_POLL_SECONDS,
            complaint=f"{instance.name}: some of its {len(family)} processes have survived SIGKILL",
        )

    def is_lost(self, instance: TargetInstance) -> bool:
        """Tell whether none of its servers runs."""
        return not any(map(self._processes.is_running, self._members(instance)))

    def bring_back(self, instance: TargetInstance) -> None:
        """Lift all holds at once, then wait for each server."""
        members = list(self._members(instance))
        for member in members:
            self._processes.lift_hold(member)
        for member in members:
            self._processes.await_running(member)

    def _members(self, instance: TargetInstance) -> Iterator[TargetInstance]:
        return (TargetInstance(name=c.name, component=Component(c.component)) for c in self._components(instance))

    def _components(self, instance: TargetInstance) -> Iterator[SiteComponent]:
        found = [component for component in self._supervisor.site.components if component.node == instance.name]
        if not found:
            raise PlatformError(f"target {instance.name}: not a node of the lab at {self._supervisor.site.home}")
        return iter(found)


def find_nodes(supervisor: LocalSupervisor, target: Target) -> tuple[TargetInstance, ...]:
    """Find the nodes that a target names; that of the control plane only where it is named."""
    known = sorted({component.node for component in supervisor.site.components})
    wanted = target.instances or tuple(name for name in known if name != CONTROL_NODE)
    if not (chosen := [name for name in known if name in wanted]):
        raise PlatformError(f"target {target.component}: no such node on this lab; there are: {', '.join(known)}")
    return tuple(TargetInstance(name=name, component=Component.NODE) for name in chosen)


def _frozen_family(roots: Iterable[int]) -> list[psutil.Process]:
    """Stop processes and their descendants until there is none that runs: what is stopped spawns nothing more."""
    family: dict[int, psutil.Process] = {}
    found = set(roots)
    while found:
        for pid in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                family[pid] = psutil.Process(pid)
                family[pid].suspend()
        parents = _parents()
        found = {pid for pid, parent in parents.items() if parent in family} - family.keys()
    return list(family.values())


def _parents() -> dict[int, int]:
    """Give the parent of every process."""
    parents = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess):
            parents[process.pid] = process.ppid()
    return parents


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
