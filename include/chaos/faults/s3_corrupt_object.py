"""`s3_corrupt_object`: contents arrive with flipped bits, and nothing in the answer's headers tells."""

from typing import Literal

from pydantic import Field

from include.chaos.faults.gate_fault import GateFault
from include.object_gate.rules import CorruptObject, Effect


class S3CorruptObject(GateFault):
    """Flip bits in objects' contents; their sizes and ETags stay."""

    kind: Literal["s3_corrupt_object"] = "s3_corrupt_object"
    flips: int = Field(default=8, ge=1, le=1000, description="bits that are flipped, spread over the content")

    def effect(self) -> Effect:
        """Give what the gate does."""
        return CorruptObject(flips=self.flips)
