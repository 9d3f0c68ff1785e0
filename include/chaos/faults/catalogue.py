"""The catalogue of fault kinds: a new kind is one line here."""

from typing import Annotated, Any

from pydantic import Field

from include.chaos.faults.base import FaultKind
from include.chaos.faults.clear_running_task import ClearRunningTask
from include.chaos.faults.crash_at import CrashAt
from include.chaos.faults.delay_at import DelayAt
from include.chaos.faults.duplicate_run import DuplicateRun
from include.chaos.faults.kill import Kill
from include.chaos.faults.lose_node import LoseNode
from include.chaos.faults.noop import Noop
from include.chaos.faults.pause import Pause
from include.chaos.faults.pool_exhaustion import PoolExhaustion
from include.chaos.faults.slow_process import SlowProcess
from include.chaos.faults.task_failure import TaskFailure
from include.chaos.faults.task_zombie import TaskZombie

KINDS: tuple[type[FaultKind[Any]], ...] = (
    ClearRunningTask,
    CrashAt,
    DelayAt,
    DuplicateRun,
    Kill,
    LoseNode,
    Noop,
    Pause,
    PoolExhaustion,
    SlowProcess,
    TaskFailure,
    TaskZombie,
)

Fault = Annotated[
    ClearRunningTask
    | CrashAt
    | DelayAt
    | DuplicateRun
    | Kill
    | LoseNode
    | Noop
    | Pause
    | PoolExhaustion
    | SlowProcess
    | TaskFailure
    | TaskZombie,
    Field(discriminator="kind"),
]
