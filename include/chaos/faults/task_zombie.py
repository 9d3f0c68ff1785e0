"""`task_zombie`: stop the process that sends a task's heartbeats, and leave the task at work.

Airflow takes a task without heartbeats for dead and starts another try, while the first one lives and writes: two
writers. It needs a hold that is longer than Airflow's timeout (`[scheduler] task_instance_heartbeat_timeout`).
"""

from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol

from include.chaos.events import InjectionPrepared, Saved
from include.chaos.faults.abilities import Cycle, StopAndGo, require_component
from include.chaos.faults.base import FaultKind
from include.chaos.faults.slow_process import identity_of, saved_process
from include.chaos.model import Component, Model, Target, TargetInstance

_ALWAYS = Cycle(stopped=1.0, period=timedelta(seconds=1))


class TaskSilencer(StopAndGo, Protocol):
    """The stopping of what watches over tasks."""

    def supervisor_of(self, instance: TargetInstance) -> TargetInstance:
        """Give the process that sends the heartbeats of a task; raise `PlatformError` when there is none."""
        ...


class TaskZombie(Model, FaultKind[TaskSilencer]):
    """Stop the supervisor of a running Airflow task, and with it the task's heartbeats; the task itself runs on."""

    confirmed_by: ClassVar[str] = "the kernel shows the supervisor as stopped"
    without_agent: ClassVar[str] = "a helper process lets it go on at the deadline"

    kind: Literal["task_zombie"] = "task_zombie"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Act only on a task, and for a while."""
        if hold_for <= timedelta(0):
            return "say for how long, with hold_for: longer than Airflow waits for a heartbeat"
        return require_component(target, Component.AIRFLOW_TASK)

    def prepare(self, instance: TargetInstance, ability: TaskSilencer) -> Saved:
        """Give the supervisor."""
        return identity_of(ability.supervisor_of(instance))

    def inject(self, injection: InjectionPrepared, ability: TaskSilencer) -> TargetInstance:
        """Stop the supervisor while its task still runs; give the task."""
        task = ability.resolve_again(injection.instance)
        ability.begin(saved_process(injection), injection.injection_id, _ALWAYS, injection.hold_until)
        return task

    def extend(self, injection: InjectionPrepared, until: datetime, ability: TaskSilencer) -> None:
        """Move the moment at which it goes on by itself."""
        ability.extend(injection.injection_id, until)

    def in_force(self, injection: InjectionPrepared, ability: TaskSilencer) -> bool:
        """Tell whether the supervisor is still stopped."""
        return ability.stands(saved_process(injection), injection.injection_id)

    def recover(self, injection: InjectionPrepared, ability: TaskSilencer) -> None:
        """Let the supervisor go on, which then learns that its task was given up, and ends it."""
        ability.end(saved_process(injection), injection.injection_id)
