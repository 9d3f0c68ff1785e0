"""`lock_table`: lock a relation against everybody, as a migration that nobody announced does."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind
from include.chaos.faults.database import TableLock, TransactionHolder, owner_of, require_postgres
from include.chaos.model import Model, Target, TargetInstance


class LockTable(Model, FaultKind[TransactionHolder]):
    """Hold an ACCESS EXCLUSIVE lock on a relation: whoever reads or writes it waits."""

    confirmed_by: ClassVar[str] = "the server granted the lock"
    without_agent: ClassVar[str] = "the lock ends with the agent's connection, and by the server's timeout"

    kind: Literal["lock_table"] = "lock_table"
    relation: str = Field(
        min_length=1, description="`schema.table`, as in SQL; of a view, the tables that it reads are locked too"
    )

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Act on a PostgreSQL, and for some time."""
        if not hold_for:
            return "a lock that is not held is none: expected `hold_for`"
        return require_postgres(target)

    def inject(self, injection: InjectionPrepared, ability: TransactionHolder) -> TargetInstance:
        """Take the lock, waiting for it as any client does."""
        owner, until = owner_of(injection), injection.hold_until
        ability.hold(injection.instance, owner, relation=self.relation, lock=TableLock.EXCLUSIVE, until=until)
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, ability: TransactionHolder) -> None:
        """Move the moment at which the server ends the session."""
        ability.put_off(owner_of(injection), until)

    def in_force(self, injection: InjectionPrepared, ability: TransactionHolder) -> bool:
        """Tell whether the session with the lock is there."""
        return ability.count(injection.instance, owner_of(injection)) > 0

    def recover(self, injection: InjectionPrepared, ability: TransactionHolder) -> None:
        """End the session, and with it the lock."""
        ability.end(injection.instance, owner_of(injection))
