"""`s3_stale_listing`: listings lag behind what was written, as with a store that is only eventually consistent."""

from typing import ClassVar, Literal

from include.chaos.faults.gate_fault import GateFault
from include.object_gate.rules import Effect, StaleListing


class S3StaleListing(GateFault):
    """Leave keys out of listings, as if they had just been written; asked for by name, they are there."""

    hinders_clients: ClassVar[bool] = False

    kind: Literal["s3_stale_listing"] = "s3_stale_listing"

    def effect(self) -> Effect:
        """Give what the gate does."""
        return StaleListing()
