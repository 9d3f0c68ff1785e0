"""What faults in the network share: they stand in the proxy before a server, one toxic a direction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import NetworkControl, Stream, Toxic
from include.chaos.faults.base import FaultKind
from include.chaos.model import Component, Target, TargetInstance
from include.errors import PlatformError

BEHIND_PROXY = frozenset({Component.WAREHOUSE, Component.OBJECT_STORE, Component.WEBAPP})
"""What clients reach through a proxy, on every platform."""

MILLISECOND = timedelta(milliseconds=1)


class Direction(StrEnum):
    """Which data are meant: those that the server gets, those that it gives, or both."""

    BOTH = "both"
    TO_SERVER = "to_server"
    TO_CLIENT = "to_client"

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Give the streams of a proxy that carry these data."""
        return {
            Direction.BOTH: (Stream.UPSTREAM, Stream.DOWNSTREAM),
            Direction.TO_SERVER: (Stream.UPSTREAM,),
            Direction.TO_CLIENT: (Stream.DOWNSTREAM,),
        }[self]


def require_proxy(target: Target) -> str | None:
    """Say that the target must stand behind a proxy, unless it does."""
    if target.component in BEHIND_PROXY:
        return None
    return f"no proxy stands before a {target.component}; there is one before: {', '.join(sorted(BEHIND_PROXY))}"


class ToxicFault(FaultKind[NetworkControl]):
    """A fault that is a toxic in each direction that it concerns; a kind says which, and with what attributes."""

    confirmed_by: ClassVar[str] = "the proxy lists it"
    without_agent: ClassVar[str] = "the proxy drops it at its deadline, and when it is restarted"

    toxic: ClassVar[str]
    """The toxic's type."""

    def streams(self) -> tuple[Stream, ...]:
        """Give the directions that it concerns."""
        raise NotImplementedError

    def attributes(self) -> Mapping[str, int | float]:
        """Give the toxic's attributes."""
        raise NotImplementedError

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only where a proxy stands."""
        return require_proxy(target)

    def inject(self, injection: InjectionPrepared, ability: NetworkControl) -> TargetInstance:
        """Put the toxics into the way, and see them there."""
        for toxic in self._toxics(injection):
            ability.add(injection.instance, toxic, injection.hold_until)
        if not self.in_force(injection, ability):
            raise PlatformError(f"{injection.instance.name}: the proxy does not list what was put into its way")
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, ability: NetworkControl) -> None:
        """Move the moment at which the proxy drops them."""
        for toxic in self._toxics(injection):
            ability.keep(injection.instance, toxic, until)

    def in_force(self, injection: InjectionPrepared, ability: NetworkControl) -> bool:
        """Tell whether the proxy lists them all."""
        return {toxic.name for toxic in self._toxics(injection)} <= ability.toxics(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: NetworkControl) -> None:
        """Take them out of the way, and see them gone."""
        mine = {toxic.name for toxic in self._toxics(injection)}
        for name in mine:
            ability.remove(injection.instance, name)
        if mine & ability.toxics(injection.instance):
            raise PlatformError(f"{injection.instance.name}: the proxy still lists what was removed")

    def _toxics(self, injection: InjectionPrepared) -> tuple[Toxic, ...]:
        return tuple(
            Toxic(
                name=f"{injection.injection_id}-{stream}",
                type=self.toxic,
                stream=stream,
                attributes=self.attributes(),
            )
            for stream in self.streams()
        )
