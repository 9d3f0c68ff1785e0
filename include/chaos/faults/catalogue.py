"""The catalogue of fault kinds: a new kind is one line here."""

from typing import Annotated, Any

from pydantic import Field

from include.chaos.faults.base import FaultKind
from include.chaos.faults.crash_at import CrashAt
from include.chaos.faults.delay_at import DelayAt
from include.chaos.faults.duplicate_content import DuplicateContent
from include.chaos.faults.empty_object import EmptyObject
from include.chaos.faults.kill import Kill
from include.chaos.faults.late_arrival import LateArrival
from include.chaos.faults.malformed_midi import MalformedMidi
from include.chaos.faults.noop import Noop
from include.chaos.faults.oversized_object import OversizedObject
from include.chaos.faults.pause import Pause
from include.chaos.faults.s3_changed_object import S3ChangedObject
from include.chaos.faults.s3_corrupt_object import S3CorruptObject
from include.chaos.faults.s3_error import S3Error
from include.chaos.faults.s3_latency import S3Latency
from include.chaos.faults.s3_missing_object import S3MissingObject
from include.chaos.faults.s3_stale_listing import S3StaleListing
from include.chaos.faults.s3_truncated_body import S3TruncatedBody

KINDS: tuple[type[FaultKind[Any]], ...] = (
    CrashAt,
    DelayAt,
    DuplicateContent,
    EmptyObject,
    Kill,
    LateArrival,
    MalformedMidi,
    Noop,
    OversizedObject,
    Pause,
    S3ChangedObject,
    S3CorruptObject,
    S3Error,
    S3Latency,
    S3MissingObject,
    S3StaleListing,
    S3TruncatedBody,
)

Fault = Annotated[
    CrashAt
    | DelayAt
    | DuplicateContent
    | EmptyObject
    | Kill
    | LateArrival
    | MalformedMidi
    | Noop
    | OversizedObject
    | Pause
    | S3ChangedObject
    | S3CorruptObject
    | S3Error
    | S3Latency
    | S3MissingObject
    | S3StaleListing
    | S3TruncatedBody,
    Field(discriminator="kind"),
]
