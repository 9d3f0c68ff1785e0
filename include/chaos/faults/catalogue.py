"""The catalogue of fault kinds: a new kind is one line here, and one in the union."""

from typing import Annotated, Any

from pydantic import Field

from include.chaos.faults.base import FaultKind
from include.chaos.faults.crash import Crash
from include.chaos.faults.crash_at import CrashAt
from include.chaos.faults.delay_at import DelayAt
from include.chaos.faults.exhaust_connections import ExhaustConnections
from include.chaos.faults.idle_in_transaction import IdleInTransaction
from include.chaos.faults.kill import Kill
from include.chaos.faults.lock_table import LockTable
from include.chaos.faults.noop import Noop
from include.chaos.faults.pause import Pause
from include.chaos.faults.python import Python
from include.chaos.faults.read_only import ReadOnly
from include.chaos.faults.slow_queries import SlowQueries
from include.chaos.faults.terminate_sessions import TerminateSessions

KINDS: tuple[type[FaultKind[Any]], ...] = (
    Crash,
    CrashAt,
    DelayAt,
    ExhaustConnections,
    IdleInTransaction,
    Kill,
    LockTable,
    Noop,
    Pause,
    Python,
    ReadOnly,
    SlowQueries,
    TerminateSessions,
)

Fault = Annotated[
    Crash
    | CrashAt
    | DelayAt
    | ExhaustConnections
    | IdleInTransaction
    | Kill
    | LockTable
    | Noop
    | Pause
    | Python
    | ReadOnly
    | SlowQueries
    | TerminateSessions,
    Field(discriminator="kind"),
]
