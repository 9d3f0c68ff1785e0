"""`read_only`: the server refuses to write, as one does whose disk is full or that was demoted in a failover.

It is set for the server, not for a role: a role's setting does not reach sessions that are open, and taking it back
does not reach those that were opened meanwhile.
"""

from datetime import timedelta
from typing import ClassVar, Literal

from include.chaos.events import InjectionPrepared, Saved
from include.chaos.faults.base import FaultKind
from include.chaos.faults.database import ServerSettings, require_postgres
from include.chaos.model import Model, Target, TargetInstance
from include.errors import PlatformError

SETTING = "default_transaction_read_only"
FORMER = "former"


class ReadOnly(Model, FaultKind[ServerSettings]):
    """Make every new transaction read-only, and cut off those under way."""

    confirmed_by: ClassVar[str] = "a new session of the pipeline's role is read-only, and older transactions are cut"
    without_agent: ClassVar[str] = "it does not: only an agent takes the setting back"

    kind: Literal["read_only"] = "read_only"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Act on a PostgreSQL, and for some time."""
        if not hold_for:
            return "a setting that is taken back at once changes nothing: expected `hold_for`"
        return require_postgres(target)

    def prepare(self, instance: TargetInstance, ability: ServerSettings) -> Saved:
        """Save what the server was told before."""
        return {FORMER: ability.configured(instance, SETTING)}

    def inject(self, injection: InjectionPrepared, ability: ServerSettings) -> TargetInstance:
        """Set it, see that the pipeline's role goes by it, and cut off what had begun before."""
        ability.configure(injection.instance, SETTING, "on")
        if not self.in_force(injection, ability):
            raise PlatformError(
                f"the pipeline's role goes by a {SETTING} of its own, which the server's does not reach"
            )
        ability.cut_transactions(injection.instance)
        return injection.instance

    def in_force(self, injection: InjectionPrepared, ability: ServerSettings) -> bool:
        """Tell whether a new session of the pipeline's role is read-only."""
        return ability.seen_by_pipeline(injection.instance, SETTING) == "on"

    def recover(self, injection: InjectionPrepared, ability: ServerSettings) -> None:
        """Put the former setting back; open sessions go by it with their next transaction."""
        former = injection.saved.get(FORMER)
        ability.restore(injection.instance, SETTING, None if former is None else str(former))
