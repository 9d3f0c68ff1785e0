"""`partition`: a server cannot be reached, or cannot be heard, or cannot hear.

Both ways, it refuses connections, and those that are open end. One way, that direction's data are swallowed and the
other's arrive: a server acts on requests whose answers nobody gets, or an idle client hears of what it cannot ask.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import NetworkControl, Stream
from include.chaos.faults.network import Direction, ToxicFault
from include.chaos.model import Model, TargetInstance
from include.errors import PlatformError


class Partition(Model, ToxicFault):
    """Cut the way to a server, or swallow the data of one direction."""

    toxic: ClassVar[str] = "timeout"
    confirmed_by: ClassVar[str] = "the proxy lists it, or says that it is disabled"
    without_agent: ClassVar[str] = "the proxy drops it, or is enabled again, at its deadline and when it is restarted"

    kind: Literal["partition"] = "partition"
    direction: Direction = Direction.BOTH

    def streams(self) -> tuple[Stream, ...]:
        """Swallow one way; both ways nothing is swallowed, for nothing is accepted."""
        return () if self._cuts else self.direction.streams

    def attributes(self) -> Mapping[str, int | float]:
        """Never close."""
        return {"timeout": 0}

    def inject(self, injection: InjectionPrepared, ability: NetworkControl) -> TargetInstance:
        """Cut, or swallow, and see it done."""
        if self._cuts:
            ability.cut(injection.instance, injection.injection_id, injection.hold_until)
        return super().inject(injection, ability)

    def extend(self, injection: InjectionPrepared, until: datetime, ability: NetworkControl) -> None:
        """Move the moment at which it ends by itself."""
        if self._cuts:
            ability.cut(injection.instance, injection.injection_id, until)
        else:
            super().extend(injection, until, ability)

    def in_force(self, injection: InjectionPrepared, ability: NetworkControl) -> bool:
        """Tell whether the way is still cut, or data still swallowed."""
        if self._cuts:
            return ability.is_cut(injection.instance, injection.injection_id)
        return super().in_force(injection, ability)

    def recover(self, injection: InjectionPrepared, ability: NetworkControl) -> None:
        """Let connections be made again, and data pass."""
        if not self._cuts:
            super().recover(injection, ability)
            return
        ability.restore(injection.instance, injection.injection_id)
        if ability.is_cut(injection.instance, injection.injection_id):
            raise PlatformError(f"{injection.instance.name}: the proxy is still disabled")

    @property
    def _cuts(self) -> bool:
        return self.direction is Direction.BOTH
