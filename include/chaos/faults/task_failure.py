"""`task_failure`: let the process at a failpoint fail, and a share of those that come there during the hold.

The failure is an exception in the middle of the work: what was opened is closed, what was begun is rolled back, and
whoever runs the task tries it again. Several failures of one task fail its job.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import require_pipeline
from include.chaos.faults.base import FaultKind
from include.chaos.model import Model, Share, Target, TargetInstance


class AttemptFailer(Protocol):
    """Orders to fail at a failpoint; the instance is the process that waits there."""

    def fail(self, instance: TargetInstance, share: float, until: datetime) -> None:
        """Have it fail, and until then such a share of those who come; raise `PlatformError` when it does not."""
        ...

    def keep_waiting(self, instance: TargetInstance, until: datetime) -> None:
        """Move the end of the order."""
        ...

    def is_failing(self, instance: TargetInstance) -> bool:
        """Tell whether those who come to the place fail."""
        ...

    def release(self, instance: TargetInstance) -> None:
        """Let nobody fail or stop there any more; also when nobody does."""
        ...


class TaskFailure(Model, FaultKind[AttemptFailer]):
    """Raise an exception in the process at the strike's failpoint, and in a share of those that reach it later."""

    confirmed_by: ClassVar[str] = "the process says that it fails"
    without_agent: ClassVar[str] = "the order to fail carries the deadline"
    keeps_failpoint: ClassVar[bool] = True

    kind: Literal["task_failure"] = "task_failure"
    share: Share = Field(default=0.3, description="of the attempts that reach the failpoint during the hold")

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only on who waits at the failpoint."""
        return require_pipeline(target)

    def inject(self, injection: InjectionPrepared, ability: AttemptFailer) -> TargetInstance:
        """Give the order, and see it obeyed by the process that waits."""
        ability.fail(injection.instance, self.share, injection.hold_until)
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, ability: AttemptFailer) -> None:
        """Move the moment at which attempts succeed again by themselves."""
        ability.keep_waiting(injection.instance, until)

    def in_force(self, injection: InjectionPrepared, ability: AttemptFailer) -> bool:
        """Tell whether attempts still fail."""
        return ability.is_failing(injection.instance)

    def recover(self, injection: InjectionPrepared, ability: AttemptFailer) -> None:
        """Take the order back."""
        ability.release(injection.instance)
