"""`s3_missing_object`: the object store lists what it then does not find."""

from typing import Literal

from include.chaos.faults.gate_fault import GateFault
from include.object_gate.rules import Effect, MissingObject


class S3MissingObject(GateFault):
    """Answer that objects are not there, which listings show."""

    kind: Literal["s3_missing_object"] = "s3_missing_object"

    def effect(self) -> Effect:
        """Give what the gate does."""
        return MissingObject()
