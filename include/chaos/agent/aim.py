"""What a strike hits: found on the platform, selected by the seed, and held within the blast radius."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from include.chaos.agent.leases import LeaseBook
from include.chaos.agent.selection import eligible_instances, require_within, select_instances
from include.chaos.experiment import Strike
from include.chaos.model import SPAWNED, BlastRadius, Target, TargetInstance


class Resolver(Protocol):
    """Sight of what a target names."""

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        """Find the instances that a target names; raise `PlatformError` when there are none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The instances to strike, the names of those among which they were selected, and the seed by which they were."""

    instances: tuple[TargetInstance, ...]
    eligible: tuple[str, ...]
    seed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One experiment run's aim; raises `LeaseError` where nothing is left to strike, or more than is allowed."""

    radius: BlastRadius
    platform: Resolver
    book: LeaseBook
    seed: str

    def at_standing(self, strike: Strike) -> Selection:
        """Select among what stands; nothing yet where the component exists only while the pipeline runs."""
        if strike.target.component in SPAWNED:
            return Selection(instances=(), eligible=(), seed=self._seed_of(strike))
        resolved = self.platform.resolve(strike.target)
        whole = Target(component=strike.target.component)
        return self._select(
            strike, resolved, of=self.platform.resolve(whole) if self.radius.max_share < 1 else resolved
        )

    def at_spawned(self, strike: Strike, found: Sequence[TargetInstance]) -> Selection:
        """Select among what the running pipeline was found to have spawned."""
        return self._select(strike, found, of=found)

    def _select(self, strike: Strike, resolved: Sequence[TargetInstance], *, of: Sequence[TargetInstance]) -> Selection:
        eligible = eligible_instances(strike.target, resolved)
        instances = select_instances(strike.target, eligible, seed=self._seed_of(strike))
        selected = self.book.selected() | set(_names(instances))
        require_within(self.radius, selected=selected, of_component=_names(of))
        return Selection(instances=instances, eligible=_names(eligible), seed=self._seed_of(strike))

    def _seed_of(self, strike: Strike) -> str:
        return f"{self.seed}/{strike.name}"


def _names(instances: Iterable[TargetInstance]) -> tuple[str, ...]:
    return tuple(instance.name for instance in instances)
