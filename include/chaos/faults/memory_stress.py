"""`memory_stress`: take memory, and leave the machine just enough to live on.

What is taken is written to, page by page, so that it is really gone; caches of files give way first. The stressor is
the first that the kernel ends when memory runs out, and gives everything up when less than `keep_free` is left.
"""

from datetime import timedelta
from typing import Literal, Self

from pydantic import ByteSize, Field, model_validator

from include.chaos.events import InjectionPrepared
from include.chaos.faults.stress import StressFault, Stressor, require_node
from include.chaos.faults.stress_work import MemoryWork
from include.chaos.model import Model, Share, Target, TargetInstance

LEAST_KEPT_FREE = 256 * 2**20


class MemoryStress(Model, StressFault):
    """Take a machine's memory, down to a floor that keeps it alive."""

    kind: Literal["memory_stress"] = "memory_stress"
    size: ByteSize | None = Field(default=None, gt=0, description="bytes to take, such as 2GiB")
    share: Share | None = Field(default=None, description="share to take of what is available when it strikes")
    keep_free: ByteSize = Field(
        default=ByteSize(2**30),
        ge=LEAST_KEPT_FREE,
        description="bytes that stay available; the strike is refused when they would not",
    )

    @model_validator(mode="after")
    def _says_how_much_once(self) -> Self:
        if (self.size is None) == (self.share is None):
            raise ValueError("expected either `size: 2GiB` or `share: 50%`")
        return self

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only on machines."""
        return require_node(target)

    def inject(self, injection: InjectionPrepared, ability: Stressor) -> TargetInstance:
        """Take the memory, and see it resident."""
        size = self.size or int((self.share or 0) * ability.available_memory())
        work = MemoryWork(size=size, keep_free=self.keep_free)
        ability.start_stress(injection.injection_id, work, injection.hold_until)
        return injection.instance
