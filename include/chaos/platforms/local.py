"""The local platform: components are processes of a lab, kept by its supervisor."""

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from include.chaos.faults.abilities import FailpointControl, ProcessControl
from include.chaos.faults.base import Need
from include.chaos.faults.clock_skew import ClockSkewer
from include.chaos.faults.file_descriptor_exhaustion import DescriptorLimiter
from include.chaos.faults.pause import Freezer
from include.chaos.faults.restart import Restarter
from include.chaos.faults.stress import Stressor
from include.chaos.model import SPAWNED, Component, Target, TargetInstance
from include.chaos.platforms.failpoint_board import FailpointBoard
from include.chaos.platforms.local_clocks import LocalClocks, find_faketime
from include.chaos.platforms.local_limits import LocalLimits
from include.chaos.platforms.local_pipeline import find_spawned
from include.chaos.platforms.local_processes import LocalProcesses
from include.chaos.platforms.local_stress import LocalStress
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.errors import PlatformError
from include.settings import FailpointSettings, LocalSiteSettings


def _failpoints(_supervisor: LocalSupervisor) -> FailpointBoard:
    home = FailpointSettings.from_environment().home
    if home is None:
        raise PlatformError("no folder for failpoints is shared with the pipeline: CHAOS_FAILPOINTS_HOME is not set")
    return FailpointBoard(home)


def _machine(target: Target) -> tuple[TargetInstance, ...]:
    """Give the machine itself: a lab has one, and no process stands for it."""
    if target.instances not in ((), (Component.NODE,)):
        raise PlatformError(f"target node: no such instance on this lab; there is: {Component.NODE}")
    return (TargetInstance(name=Component.NODE, component=Component.NODE),)


_HAS: Mapping[Need, Callable[[], bool]] = {
    Need.ROOT: lambda: os.geteuid() == 0,
    Need.LIBFAKETIME: lambda: find_faketime() is not None,
    Need.STANDBY: lambda: False,
}


class LocalPlatform:
    """Resolve and act on the processes of one lab."""

    _ABILITIES: ClassVar[Mapping[type[object], Callable[[LocalSupervisor], object]]] = {
        object: lambda supervisor: supervisor,
        ClockSkewer: LocalClocks,
        DescriptorLimiter: LocalLimits,
        FailpointControl: _failpoints,
        Freezer: LocalProcesses,
        ProcessControl: LocalProcesses,
        Restarter: LocalProcesses,
        Stressor: LocalStress,
    }
    """What can be done here: for each Protocol that a fault kind asks for, what implements it."""

    def __init__(self, settings: LocalSiteSettings) -> None:
        """Read the site file; raise `ConfigurationError` when there is none."""
        self._supervisor = LocalSupervisor(settings)
        self._abilities: dict[type[object], object] = {}

    @classmethod
    def offers(cls, wanted: type[object]) -> bool:
        """Tell whether a lab implements a Protocol that a fault kind asks for."""
        return wanted in cls._ABILITIES

    @classmethod
    def lacking(cls, needs: frozenset[Need]) -> tuple[Need, ...]:
        """Give what this machine lacks of what a fault kind needs."""
        return tuple(need for need in sorted(needs) if not _HAS[need]())

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        """Find the running instances that a target names; raise `PlatformError` when there are none."""
        if target.component in SPAWNED:
            raise PlatformError(f"target {target.component}: exists only while the pipeline runs")
        if target.component is Component.NODE:
            return _machine(target)
        known = [c for c in self._supervisor.site.components if c.component == target.component]
        chosen = [c for c in known if not target.instances or c.name in target.instances]
        if not chosen:
            there = ", ".join(c.name for c in known) or "none"
            raise PlatformError(f"target {target.component}: no such instance on this lab; there are: {there}")
        return tuple(self._supervisor.instance(component) for component in chosen)

    def resolve_spawned(self, target: Target, tasks: frozenset[int]) -> tuple[TargetInstance, ...]:
        """Find what the running pipeline has spawned, whose tasks' processes are `tasks`; none is no error."""
        return find_spawned(self._supervisor, target, tasks)

    def is_running(self, instance: TargetInstance) -> bool:
        """Tell whether the instance itself runs, not only what holds it down."""
        return LocalProcesses(self._supervisor).is_running(instance)

    def ability(self, wanted: type[object]) -> Any:  # noqa: ANN401  # whatever implements the Protocol that is wanted
        """Give what implements that Protocol; raise `PlatformError` when there is nothing of the kind here."""
        if not self.offers(wanted):
            raise PlatformError(f"the lab cannot do this: it has no {wanted.__name__}")
        if wanted not in self._abilities:
            self._abilities[wanted] = self._ABILITIES[wanted](self._supervisor)
        return self._abilities[wanted]
