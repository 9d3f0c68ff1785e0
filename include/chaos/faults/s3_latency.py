"""`s3_latency`: the object store is slow to answer."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from include.chaos.faults.gate_fault import GateFault
from include.chaos.model import Duration
from include.object_gate.rules import Effect, Latency


class S3Latency(GateFault):
    """Let requests wait before they reach the object store."""

    kind: Literal["s3_latency"] = "s3_latency"
    delay: Duration = Field(default=timedelta(milliseconds=500), gt=timedelta(0), description="what each request waits")

    def effect(self) -> Effect:
        """Give what the gate does."""
        return Latency(seconds=self.delay.total_seconds())
