"""The local platform: components are processes of a lab, kept by its supervisor."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from include.chaos.faults.base import Need
from include.chaos.model import SPAWNED, Component, Target, TargetInstance
from include.chaos.platforms.local_abilities import ABILITIES, airflow_control
from include.chaos.platforms.local_clocks import find_faketime
from include.chaos.platforms.local_nodes import find_nodes
from include.chaos.platforms.local_pipeline import find_spawned
from include.chaos.platforms.local_processes import LocalProcesses
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.errors import PlatformError
from include.settings import LocalSiteSettings

_HAS: Mapping[Need, Callable[[], bool]] = {
    Need.ROOT: lambda: os.geteuid() == 0,
    Need.LIBFAKETIME: lambda: find_faketime() is not None,
    Need.STANDBY: lambda: False,
}


class LocalPlatform:
    """Resolve and act on the processes of one lab."""

    def __init__(self, settings: LocalSiteSettings) -> None:
        """Read the site file; raise `ConfigurationError` when there is none."""
        self._supervisor = LocalSupervisor(settings)
        self._abilities: dict[type[object], object] = {}

    @classmethod
    def offers(cls, wanted: type[object]) -> bool:
        """Tell whether a lab implements a Protocol that a fault kind asks for."""
        return wanted in ABILITIES

    @classmethod
    def lacking(cls, needs: frozenset[Need]) -> tuple[Need, ...]:
        """Give what this machine lacks of what a fault kind needs."""
        return tuple(need for need in sorted(needs) if not _HAS[need]())

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        """Find the running instances that a target names; raise `PlatformError` when there are none."""
        if target.component in SPAWNED:
            raise PlatformError(f"target {target.component}: exists only while the pipeline runs")
        if target.component is Component.NODE:
            return find_nodes(self._supervisor, target)
        if target.component is Component.AIRFLOW_POOL:
            return airflow_control(self._supervisor).find_pools(target)
        known = [c for c in self._supervisor.site.components if c.component == target.component]
        chosen = [c for c in known if not target.instances or c.name in target.instances]
        if not chosen:
            there = ", ".join(c.name for c in known) or "none"
            raise PlatformError(f"target {target.component}: no such instance on this lab; there are: {there}")
        return tuple(self._supervisor.instance(component) for component in chosen)

    def resolve_spawned(self, target: Target, tasks: Mapping[str, int]) -> tuple[TargetInstance, ...]:
        """Find what the running pipeline has spawned, whose tasks' processes `tasks` gives by their places."""
        return find_spawned(self._supervisor, target, tasks)

    def is_running(self, instance: TargetInstance) -> bool:
        """Tell whether the instance itself runs, not only what holds it down."""
        return LocalProcesses(self._supervisor).is_running(instance)

    def ability(self, wanted: type[object]) -> Any:  # noqa: ANN401  # whatever implements the Protocol that is wanted
        """Give what implements that Protocol; raise `PlatformError` when there is nothing of the kind here."""
        if not self.offers(wanted):
            raise PlatformError(f"the lab cannot do this: it has no {wanted.__name__}")
        if wanted not in self._abilities:
            self._abilities[wanted] = ABILITIES[wanted](self._supervisor)
        return self._abilities[wanted]
