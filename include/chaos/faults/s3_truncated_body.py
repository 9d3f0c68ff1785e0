"""`s3_truncated_body`: connections break in the middle of objects."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from include.chaos.faults.gate_fault import GateFault
from include.chaos.model import parse_share
from include.object_gate.rules import Effect, TruncatedBody


class S3TruncatedBody(GateFault):
    """Announce whole bodies, send the beginning of each, and close the connection."""

    kind: Literal["s3_truncated_body"] = "s3_truncated_body"
    keep: Annotated[float, BeforeValidator(parse_share), Field(ge=0, lt=1)] = Field(
        default=0.5, description="share of a body that is sent"
    )

    def effect(self) -> Effect:
        """Give what the gate does."""
        return TruncatedBody(keep=self.keep)
