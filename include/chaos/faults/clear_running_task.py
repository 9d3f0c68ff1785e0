"""`clear_running_task`: clear the task that runs, as somebody does by mistake in Airflow's UI.

Airflow ends the running try and starts another one. Between the two the old try may still write: it is told to end only
at its next heartbeat.
"""

from datetime import timedelta
from typing import ClassVar, Literal, Protocol

from include.chaos.events import InjectionPrepared, Saved
from include.chaos.faults.abilities import require_component
from include.chaos.faults.base import FaultKind
from include.chaos.model import Component, Model, Target, TargetInstance


class TaskClearer(Protocol):
    """The clearing of tasks; the instance is a task of a run."""

    def running_try(self, instance: TargetInstance) -> int | None:
        """Give the number of the try that runs, or None when none does; raise `PlatformError` without an answer."""
        ...

    def clear(self, instance: TargetInstance) -> None:
        """Clear the task, and return when Airflow has taken that try for ended; raise `PlatformError` otherwise."""
        ...


class ClearRunningTask(Model, FaultKind[TaskClearer]):
    """Clear the task instance that runs, so that Airflow starts it again."""

    confirmed_by: ClassVar[str] = "Airflow no longer has that try running"
    without_agent: ClassVar[str] = "it is over at once"

    kind: Literal["clear_running_task"] = "clear_running_task"

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Act only on a task, and at once."""
        if hold_for > timedelta(0):
            return "a task is cleared at once, and cannot be held: leave hold_for out"
        return require_component(target, Component.AIRFLOW_TASK)

    def prepare(self, instance: TargetInstance, ability: TaskClearer) -> Saved:
        """Give the try that is to be cleared."""
        return {"try_number": ability.running_try(instance)}

    def inject(self, injection: InjectionPrepared, ability: TaskClearer) -> TargetInstance:
        """Clear the task and see its try end."""
        ability.clear(injection.instance)
        return injection.instance

    def in_force(self, injection: InjectionPrepared, ability: TaskClearer) -> bool:
        """Tell whether that try runs no more."""
        return ability.running_try(injection.instance) != injection.saved["try_number"]

    def recover(self, injection: InjectionPrepared, ability: TaskClearer) -> None:
        """Have nothing to undo: Airflow starts the task again."""
