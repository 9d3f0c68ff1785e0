"""What the faults of the object gate have in common: one rule each, named after its injection, with a deadline."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import ObjectGateControl, require_object_store
from include.chaos.faults.base import FaultKind
from include.chaos.model import Model, Share, Target, TargetInstance
from include.object_gate.rules import Effect, Rule


class GateFault(Model, FaultKind[ObjectGateControl]):
    """A rule at the gate for as long as the strike holds."""

    confirmed_by: ClassVar[str] = "the gate holds the rule"
    without_agent: ClassVar[str] = "the rule carries the deadline"

    bucket: str = Field(min_length=1)
    prefix: str = Field(default="", description="only keys that begin with this")
    share: Share = Field(default=1.0, description="of the keys, or of the requests where the kind acts on requests")
    seed: str = Field(default="", description="decides which keys the share is: the same seed, the same keys")

    def effect(self) -> Effect:
        """Give what the rule does."""
        raise NotImplementedError

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Act on the object store, for a while."""
        if hold_for <= timedelta(0):
            return "without a hold nobody meets it: expected `hold_for`"
        return require_object_store(target)

    def inject(self, injection: InjectionPrepared, ability: ObjectGateControl) -> TargetInstance:
        """Set the rule before the server that runs now."""
        struck = ability.resolve_again(injection.instance)
        ability.set_rule(injection.injection_id, self._rule(injection.hold_until))
        return struck

    def extend(self, injection: InjectionPrepared, until: datetime, ability: ObjectGateControl) -> None:
        """Move the moment at which the rule ends by itself."""
        ability.set_rule(injection.injection_id, self._rule(until))

    def in_force(self, injection: InjectionPrepared, ability: ObjectGateControl) -> bool:
        """Tell whether the rule stands."""
        return ability.has_rule(injection.injection_id)

    def recover(self, injection: InjectionPrepared, ability: ObjectGateControl) -> None:
        """Drop the rule."""
        ability.drop_rule(injection.injection_id)

    def _rule(self, until: datetime) -> Rule:
        return Rule(
            bucket=self.bucket,
            prefix=self.prefix,
            share=self.share,
            seed=self.seed,
            effect=self.effect(),
            expires_at=until.timestamp(),
        )
