"""`pool_exhaustion`: take all slots of an Airflow pool away, as if others held them.

What runs goes on; what needs a slot next waits, without a failure and without a retry.
"""

from datetime import timedelta
from typing import ClassVar, Literal, Protocol

from include.chaos.events import InjectionPrepared, Saved
from include.chaos.faults.abilities import require_component
from include.chaos.faults.base import FaultKind
from include.chaos.model import Component, Model, Target, TargetInstance
from include.errors import PlatformError

EXHAUSTED = 0


class PoolControl(Protocol):
    """The sizes of pools; the instance is a pool."""

    def slots(self, instance: TargetInstance) -> int | None:
        """Give its slots, -1 for any number, or None when it is not there; raise `PlatformError` without an answer."""
        ...

    def resize(self, instance: TargetInstance, slots: int) -> None:
        """Give it so many, and see that it has them; raise `PlatformError` otherwise."""
        ...


class PoolExhaustion(Model, FaultKind[PoolControl]):
    """Set the slots of a pool to none, and back when the strike ends."""

    confirmed_by: ClassVar[str] = "Airflow says that the pool has no slots"
    without_agent: ClassVar[str] = "it does not: only an agent gives the slots back"

    kind: Literal["pool_exhaustion"] = "pool_exhaustion"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only on a pool."""
        return require_component(target, Component.AIRFLOW_POOL)

    def prepare(self, instance: TargetInstance, ability: PoolControl) -> Saved:
        """Give the slots that it has."""
        return {"slots": ability.slots(instance)}

    def inject(self, injection: InjectionPrepared, ability: PoolControl) -> TargetInstance:
        """Take the slots away; a pool that had none cannot be exhausted."""
        if injection.saved["slots"] in (None, EXHAUSTED):
            raise PlatformError(f"pool {injection.instance.name}: it has no slots that could be taken away")
        ability.resize(injection.instance, EXHAUSTED)
        return injection.instance

    def in_force(self, injection: InjectionPrepared, ability: PoolControl) -> bool:
        """Tell whether it still has none."""
        return ability.slots(injection.instance) == EXHAUSTED

    def recover(self, injection: InjectionPrepared, ability: PoolControl) -> None:
        """Give back the slots that it had; whoever has given it others meanwhile is not overruled."""
        saved = injection.saved["slots"]
        if isinstance(saved, int) and ability.slots(injection.instance) == EXHAUSTED:
            ability.resize(injection.instance, saved)
