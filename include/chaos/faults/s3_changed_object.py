"""`s3_changed_object`: the object store gives another version of an object than it lists."""

from typing import Literal

from include.chaos.faults.gate_fault import GateFault
from include.object_gate.rules import ChangedObject, Effect


class S3ChangedObject(GateFault):
    """Give other objects than listings show: another content, with its own ETag."""

    kind: Literal["s3_changed_object"] = "s3_changed_object"

    def effect(self) -> Effect:
        """Give what the gate does."""
        return ChangedObject()
