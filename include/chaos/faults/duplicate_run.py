"""`duplicate_run`: start a second run of the same DAG with the same parameters beside the first.

As when somebody presses the button twice, or a scheduler and an operator both do their duty. A DAG that allows one
active run makes the second one wait; one that does not has two runs on the same data.
"""

from datetime import timedelta
from typing import ClassVar, Literal, Protocol

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import require_component
from include.chaos.faults.base import FaultKind
from include.chaos.model import Component, Model, Target, TargetInstance


class RunDuplicator(Protocol):
    """The starting of runs like another one; the instance is that other run, `name` the new one's own."""

    def start_like(self, instance: TargetInstance, name: str) -> None:
        """Start a run of the same DAG with the same parameters; raise `PlatformError` when there is none like it."""
        ...

    def is_active(self, instance: TargetInstance, name: str) -> bool:
        """Tell whether the started run is there and has not ended."""
        ...

    def remove(self, instance: TargetInstance, name: str) -> None:
        """End the started run with all its processes, and delete it; nothing when it is not there."""
        ...


class DuplicateRun(Model, FaultKind[RunDuplicator]):
    """Start a second run of the pipeline's DAG with the parameters of the first, and remove it when the strike ends."""

    confirmed_by: ClassVar[str] = "Airflow has the second run, queued or running"
    without_agent: ClassVar[str] = "it does not: the second run goes on to its own end"

    kind: Literal["duplicate_run"] = "duplicate_run"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only on the pipeline's run."""
        return require_component(target, Component.PIPELINE_RUN)

    def inject(self, injection: InjectionPrepared, ability: RunDuplicator) -> TargetInstance:
        """Start the second run; asked again, it is the same one."""
        ability.start_like(injection.instance, _name(injection))
        return injection.instance

    def in_force(self, injection: InjectionPrepared, ability: RunDuplicator) -> bool:
        """Tell whether the second run has not ended."""
        return ability.is_active(injection.instance, _name(injection))

    def recover(self, injection: InjectionPrepared, ability: RunDuplicator) -> None:
        """End the second run, see its processes gone, and delete it."""
        ability.remove(injection.instance, _name(injection))


def _name(injection: InjectionPrepared) -> str:
    return f"duplicate__{injection.injection_id}"
