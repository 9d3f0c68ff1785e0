"""What one strike sees: whether its moment has come, who waits at its failpoint, and what the pipeline has spawned."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from include.chaos.agent.strike_points import StrikePointLook
from include.chaos.events import StrikePointReached
from include.chaos.journal import Clock
from include.chaos.model import TargetInstance
from include.failpoints import Failpoint

ARMED_FOR = timedelta(seconds=30)
"""How long a failpoint stays armed that nobody renews: so long may a pipeline wait for an agent that has died."""

_RENEWED_EVERY = ARMED_FOR / 6


class FailpointOrders(Protocol):
    """Orders for the processes that reach failpoints."""

    def arm(self, failpoint: Failpoint, duration: timedelta) -> None:
        """Have the first process that arrives wait there, for that long from now; again: that long from now on."""
        ...

    def waiting(self, failpoint: Failpoint) -> TargetInstance | None:
        """Give the process that has arrived, if one has."""
        ...

    def disarm(self, failpoint: Failpoint) -> None:
        """Take the order back: who waits goes on. Safe to repeat."""
        ...


class FailpointWatch:
    """One strike's failpoint: armed, renewed while it is looked at, and disarmed."""

    def __init__(self, *, failpoint: Failpoint, orders: FailpointOrders, clock: Clock) -> None:
        """Arm nothing yet."""
        self.failpoint = failpoint
        self._orders = orders
        self._clock = clock
        self._renew_at = 0.0

    def arm(self, duration: timedelta = ARMED_FOR) -> None:
        """Have the first process that arrives wait there, for that long unless this is said again."""
        self._orders.arm(self.failpoint, duration)
        self._renew_at = self._clock.monotonic() + _RENEWED_EVERY.total_seconds()

    def look(self) -> TargetInstance | None:
        """Give who waits there; renew the order when that is due."""
        if self._clock.monotonic() >= self._renew_at:
            self.arm()
        return self._orders.waiting(self.failpoint)

    def disarm(self) -> None:
        """Let who waits go on, and nobody wait there any more."""
        self._orders.disarm(self.failpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeEyes:
    """One strike's eyes; `spawned` gives what there is at the strike point of a component that the pipeline spawns."""

    point: StrikePointLook
    failpoint: FailpointWatch | None
    spawned: Callable[[StrikePointReached], tuple[TargetInstance, ...]]
