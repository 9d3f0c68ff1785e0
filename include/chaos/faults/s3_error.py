"""`s3_error`: the object store refuses: it is busy, it is broken, or it denies access."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from include.chaos.faults.gate_fault import GateFault
from include.object_gate.rules import Effect, ErrorAnswer


class S3ErrorCode(StrEnum):
    """What the answer says."""

    SLOW_DOWN = "SlowDown"
    INTERNAL_ERROR = "InternalError"
    ACCESS_DENIED = "AccessDenied"


_STATUS = {S3ErrorCode.SLOW_DOWN: 503, S3ErrorCode.INTERNAL_ERROR: 500, S3ErrorCode.ACCESS_DENIED: 403}
_MESSAGE = {
    S3ErrorCode.SLOW_DOWN: "Please reduce your request rate.",
    S3ErrorCode.INTERNAL_ERROR: "We encountered an internal error. Please try again.",
    S3ErrorCode.ACCESS_DENIED: "Access Denied",
}


class S3Error(GateFault):
    """Answer requests with an error of S3, in the server's place."""

    kind: Literal["s3_error"] = "s3_error"
    error: S3ErrorCode = Field(
        default=S3ErrorCode.SLOW_DOWN, description="busy (503), broken (500), or forbidden (403)"
    )

    def effect(self) -> Effect:
        """Give what the gate does."""
        return ErrorAnswer(status=_STATUS[self.error], code=self.error, message=_MESSAGE[self.error])
