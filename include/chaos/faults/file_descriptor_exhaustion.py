"""`file_descriptor_exhaustion`: let a running process open nothing more.

Its limit is lowered to what it has open: who is connected stays so, and whoever comes next is not let in, nor is a file
opened. To others it looks alive, and full. The process itself is limited, not the children that it has already.
"""

from datetime import timedelta
from typing import ClassVar, Literal, Protocol

from pydantic import Field

from include.chaos.events import InjectionPrepared, Saved
from include.chaos.faults.abilities import ProcessFinder
from include.chaos.faults.base import FaultKind
from include.chaos.model import Component, Model, Target, TargetInstance
from include.errors import PlatformError


class DescriptorLimiter(ProcessFinder, Protocol):
    """The limit of open files of a running process."""

    def descriptor_limit(self, instance: TargetInstance) -> int:
        """Give the limit that holds for that very process; raise `PlatformError` when it has ended."""
        ...

    def lowest_free_descriptors(self, instance: TargetInstance, count: int) -> int:
        """Give the limit under which it can open that many more, and no further one."""
        ...

    def set_descriptor_limit(self, instance: TargetInstance, limit: int) -> None:
        """Set the limit and see it set; raise `PlatformError` when that is not allowed, or the process has ended."""
        ...


class FileDescriptorExhaustion(Model, FaultKind[DescriptorLimiter]):
    """Lower a process's limit of open files to what it has open."""

    confirmed_by: ClassVar[str] = "the kernel shows the lowered limit"
    without_agent: ClassVar[str] = "it does not, but the next process of the target has its own limit"

    kind: Literal["file_descriptor_exhaustion"] = "file_descriptor_exhaustion"
    spare: int = Field(default=0, ge=0, description="how many more it may still open")

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Refuse what is no process."""
        if target.component is Component.NODE:
            return "a node is no process: name the component that is to open nothing more"
        return None

    def prepare(self, instance: TargetInstance, ability: DescriptorLimiter) -> Saved:
        """Give the limit that holds now."""
        return {"limit": ability.descriptor_limit(instance)}

    def inject(self, injection: InjectionPrepared, ability: DescriptorLimiter) -> TargetInstance:
        """Lower the limit of the very process that was prepared for: undo must know it."""
        lowered = ability.lowest_free_descriptors(injection.instance, self.spare)
        ability.set_descriptor_limit(injection.instance, min(lowered, _saved_limit(injection)))
        return injection.instance

    def in_force(self, injection: InjectionPrepared, ability: DescriptorLimiter) -> bool:
        """Tell whether its limit is lower than before; another process in its place is not limited."""
        try:
            return ability.descriptor_limit(injection.instance) < _saved_limit(injection)
        except PlatformError:
            return False

    def recover(self, injection: InjectionPrepared, ability: DescriptorLimiter) -> None:
        """Give that very process its limit back; one that has ended needs none."""
        if not self.in_force(injection, ability):
            return
        try:
            ability.set_descriptor_limit(injection.instance, _saved_limit(injection))
        except PlatformError:
            if self.in_force(injection, ability):
                raise


def _saved_limit(injection: InjectionPrepared) -> int:
    limit = injection.saved["limit"]
    if not isinstance(limit, int):
        raise PlatformError(f"the journal holds {limit!r} as the limit of open files, which is no number")
    return limit
