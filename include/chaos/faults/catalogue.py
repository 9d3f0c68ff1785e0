"""The catalogue of fault kinds: a new kind is one line here, and one in the union."""

from typing import Annotated, Any

from pydantic import Field

from include.chaos.faults.bandwidth import Bandwidth
from include.chaos.faults.base import FaultKind
from include.chaos.faults.blackhole import Blackhole
from include.chaos.faults.clear_running_task import ClearRunningTask
from include.chaos.faults.clock_skew import ClockSkew
from include.chaos.faults.corrupt import Corrupt
from include.chaos.faults.cpu_stress import CpuStress
from include.chaos.faults.crash import Crash
from include.chaos.faults.crash_at import CrashAt
from include.chaos.faults.crash_loop import CrashLoop
from include.chaos.faults.delay_at import DelayAt
from include.chaos.faults.duplicate_content import DuplicateContent
from include.chaos.faults.duplicate_run import DuplicateRun
from include.chaos.faults.empty_object import EmptyObject
from include.chaos.faults.exhaust_connections import ExhaustConnections
from include.chaos.faults.file_descriptor_exhaustion import FileDescriptorExhaustion
from include.chaos.faults.idle_in_transaction import IdleInTransaction
from include.chaos.faults.io_stress import IoStress
from include.chaos.faults.kill import Kill
from include.chaos.faults.late_arrival import LateArrival
from include.chaos.faults.latency import Latency
from include.chaos.faults.lock_table import LockTable
from include.chaos.faults.lose_node import LoseNode
from include.chaos.faults.malformed_midi import MalformedMidi
from include.chaos.faults.memory_stress import MemoryStress
from include.chaos.faults.noop import Noop
from include.chaos.faults.oversized_object import OversizedObject
from include.chaos.faults.partition import Partition
from include.chaos.faults.pause import Pause
from include.chaos.faults.pool_exhaustion import PoolExhaustion
from include.chaos.faults.python import Python
from include.chaos.faults.read_only import ReadOnly
from include.chaos.faults.reset import Reset
from include.chaos.faults.restart import Restart
from include.chaos.faults.s3_changed_object import S3ChangedObject
from include.chaos.faults.s3_corrupt_object import S3CorruptObject
from include.chaos.faults.s3_error import S3Error
from include.chaos.faults.s3_latency import S3Latency
from include.chaos.faults.s3_missing_object import S3MissingObject
from include.chaos.faults.s3_stale_listing import S3StaleListing
from include.chaos.faults.s3_truncated_body import S3TruncatedBody
from include.chaos.faults.slow_close import SlowClose
from include.chaos.faults.slow_process import SlowProcess
from include.chaos.faults.slow_queries import SlowQueries
from include.chaos.faults.task_failure import TaskFailure
from include.chaos.faults.task_zombie import TaskZombie
from include.chaos.faults.terminate_sessions import TerminateSessions
from include.chaos.faults.truncate import Truncate

KINDS: tuple[type[FaultKind[Any]], ...] = (
    Bandwidth,
    Blackhole,
    ClearRunningTask,
    ClockSkew,
    Corrupt,
    CpuStress,
    Crash,
    CrashAt,
    CrashLoop,
    DelayAt,
    DuplicateContent,
    DuplicateRun,
    EmptyObject,
    ExhaustConnections,
    FileDescriptorExhaustion,
    IdleInTransaction,
    IoStress,
    Kill,
    LateArrival,
    Latency,
    LockTable,
    LoseNode,
    MalformedMidi,
    MemoryStress,
    Noop,
    OversizedObject,
    Partition,
    Pause,
    PoolExhaustion,
    Python,
    ReadOnly,
    Reset,
    Restart,
    S3ChangedObject,
    S3CorruptObject,
    S3Error,
    S3Latency,
    S3MissingObject,
    S3StaleListing,
    S3TruncatedBody,
    SlowClose,
    SlowProcess,
    SlowQueries,
    TaskFailure,
    TaskZombie,
    TerminateSessions,
    Truncate,
)

Fault = Annotated[
    Bandwidth
    | Blackhole
    | ClearRunningTask
    | ClockSkew
    | Corrupt
    | CpuStress
    | Crash
    | CrashAt
    | CrashLoop
    | DelayAt
    | DuplicateContent
    | DuplicateRun
    | EmptyObject
    | ExhaustConnections
    | FileDescriptorExhaustion
    | IdleInTransaction
    | IoStress
    | Kill
    | LateArrival
    | Latency
    | LockTable
    | LoseNode
    | MalformedMidi
    | MemoryStress
    | Noop
    | OversizedObject
    | Partition
    | Pause
    | PoolExhaustion
    | Python
    | ReadOnly
    | Reset
    | Restart
    | S3ChangedObject
    | S3CorruptObject
    | S3Error
    | S3Latency
    | S3MissingObject
    | S3StaleListing
    | S3TruncatedBody
    | SlowClose
    | SlowProcess
    | SlowQueries
    | TaskFailure
    | TaskZombie
    | TerminateSessions
    | Truncate,
    Field(discriminator="kind"),
]


def name_of(kind: type[FaultKind[Any]]) -> str:
    """Give the word by which files name a kind."""
    return str(kind.model_fields["kind"].default)  # type: ignore[attr-defined]  # every kind is a pydantic model
