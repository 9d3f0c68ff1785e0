"""`clock_skew`: let a component read a wrong time of day, by libfaketime.

It is restarted under the library, and restarted without it when the strike ends. Only its clock of the day is wrong:
what counts how long something takes stays right. On the machine and for all others the time is as it was.
"""

import contextlib
from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol, Self

from pydantic import Field, model_validator

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind, Need
from include.chaos.faults.restart import Restarter
from include.chaos.model import Component, Duration, Model, Target, TargetInstance
from include.errors import PlatformError

FIT = frozenset({Component.WAREHOUSE, Component.CONTROL_DB})
"""What was seen to work under the library; Python does not (its timed waits fail or hang), and Go ignores it."""

RESTART_GRACE = timedelta(seconds=10)
RESTART_ALLOWANCE = timedelta(seconds=90)
"""How much later than the hold the clock goes right by itself: so long may the restarts take."""


class ClockSkewer(Restarter, Protocol):
    """The clocks of processes, from their next start on."""

    def order_skew(self, instance: TargetInstance, ahead: timedelta, until: datetime) -> None:
        """Have every process of the instance that is started before then read a time so far ahead, until then."""
        ...

    def cancel_skew(self, instance: TargetInstance) -> None:
        """Let the next process read the right time; also when it would anyway."""
        ...

    def await_loaded(self, instance: TargetInstance) -> None:
        """Return when the process that the instance has now has loaded libfaketime; raise `PlatformError` if not."""
        ...

    def is_skewed(self, instance: TargetInstance) -> bool:
        """Tell whether the process that the instance has now was started to read a wrong time."""
        ...


class ClockSkew(Model, FaultKind[ClockSkewer]):
    """Set a component's clock ahead or back, by a restart, and right again by another."""

    needs: ClassVar[frozenset[Need]] = frozenset({Need.LIBFAKETIME})
    confirmed_by: ClassVar[str] = "another process runs, which has loaded libfaketime"
    without_agent: ClassVar[str] = "the order carries the deadline, at which the running process's clock goes right too"

    kind: Literal["clock_skew"] = "clock_skew"
    ahead: Duration | None = Field(default=None, gt=timedelta(0), description="how far the clock is set ahead")
    behind: Duration | None = Field(default=None, gt=timedelta(0), description="how far the clock is set back")

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if (self.ahead is None) == (self.behind is None):
            raise ValueError("expected either `ahead: 1h` or `behind: 1h`")
        return self

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Refuse what does not work under the library, and a skew without a hold."""
        if target.component not in FIT:
            return (
                f"it works for {' and '.join(sorted(FIT))}; a {target.component} was not seen to work under libfaketime"
            )
        return None if hold_for > timedelta(0) else "a clock is wrong for a while: expected `hold_for`"

    def inject(self, injection: InjectionPrepared, ability: ClockSkewer) -> TargetInstance:
        """Restart it under the library, and see it loaded."""
        struck = ability.resolve_again(injection.instance)
        self.extend(injection, injection.hold_until, ability)
        ability.end_orderly(struck, RESTART_GRACE)
        ability.await_another(struck)
        ability.await_loaded(struck)
        return struck

    def extend(self, injection: InjectionPrepared, until: datetime, ability: ClockSkewer) -> None:
        """Move the moment from which a process that is started reads the right time."""
        ahead = self.ahead or -(self.behind or timedelta(0))
        ability.order_skew(injection.instance, ahead, until + RESTART_ALLOWANCE)

    def in_force(self, injection: InjectionPrepared, ability: ClockSkewer) -> bool:
        """Tell whether the process that runs now reads a wrong time."""
        return ability.is_skewed(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: ClockSkewer) -> None:
        """Take the order back, and restart it unless it runs without the library."""
        ability.cancel_skew(injection.instance)
        ability.await_running(injection.instance)
        while ability.is_skewed(injection.instance):  # at most those that were started before the order was gone
            skewed = ability.resolve_again(injection.instance)
            with contextlib.suppress(PlatformError):  # it may be ending already; another one must come in any case
                ability.end_orderly(skewed, RESTART_GRACE)
            ability.await_another(skewed)
