"""`idle_in_transaction`: a session that began a transaction, took locks and a snapshot, and went away without an end.

Readers notice nothing. Writers of the relation wait, and no vacuum removes what has died since its snapshot.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind
from include.chaos.faults.database import TableLock, TransactionHolder, owner_of, require_postgres
from include.chaos.model import Model, Target, TargetInstance


class IdleInTransaction(Model, FaultKind[TransactionHolder]):
    """Leave a transaction open that holds a snapshot, and a relation against those who write it."""

    confirmed_by: ClassVar[str] = "the server granted the locks"
    without_agent: ClassVar[str] = "the transaction ends with the agent's connection, and by the server's timeout"

    kind: Literal["idle_in_transaction"] = "idle_in_transaction"
    relation: str = Field(min_length=1, description="`schema.table`, as in SQL")
    locks: Literal["share", "rows"] = Field(
        default="share",
        description="`share`: the whole table against writers; `rows`: each row that is there now, as FOR UPDATE does",
    )

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Act on a PostgreSQL, and for some time."""
        if not hold_for:
            return "a transaction that is not held is none: expected `hold_for`"
        return require_postgres(target)

    def inject(self, injection: InjectionPrepared, ability: TransactionHolder) -> TargetInstance:
        """Begin the transaction, take the locks, and do nothing more."""
        owner, until = owner_of(injection), injection.hold_until
        ability.hold(injection.instance, owner, relation=self.relation, lock=TableLock(self.locks), until=until)
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, ability: TransactionHolder) -> None:
        """Move the moment at which the server ends the session."""
        ability.put_off(owner_of(injection), until)

    def in_force(self, injection: InjectionPrepared, ability: TransactionHolder) -> bool:
        """Tell whether the session is there."""
        return ability.count(injection.instance, owner_of(injection)) > 0

    def recover(self, injection: InjectionPrepared, ability: TransactionHolder) -> None:
        """End the session, and with it the transaction."""
        ability.end(injection.instance, owner_of(injection))
