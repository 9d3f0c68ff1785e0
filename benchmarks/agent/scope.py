"""How much is measured in one run of the agent's benchmark, and on which lab."""

from dataclasses import dataclass
from datetime import timedelta

from include.chaos.faults.catalogue import Fault
from include.chaos.model import Component
from tests.e2e.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Strikes of one kind on one component, begun `every` so often."""

    fault: Fault
    component: Component
    strikes: int
    every: timedelta
    hold_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentScope:
    """The lab, and the sizes."""

    site: Site
    series: tuple[Series, ...]
    pairs: int
    idle_for: timedelta
