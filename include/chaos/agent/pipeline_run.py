"""The pipeline's run in Airflow, as probes look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from include.chaos.agent.watcher import RunReader
from include.chaos.journal import Clock
from include.chaos.platforms.airflow import DagRunState, TaskState

_BETWEEN_TRIES = frozenset({"up_for_retry", "restarting"})
_WAITING = frozenset({"scheduled", "queued"})


class DagRunReader(RunReader, Protocol):
    """What is asked of Airflow."""

    def active_runs(self, dag_id: str) -> Sequence[DagRunState]:
        """List a DAG's runs that have not ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRun:
    """One DAG run, and its DAG."""

    airflow: DagRunReader
    clock: Clock
    dag_id: str
    dag_run_id: str

    def run_state(self) -> str | None:
        """Give the run's state, or None when there is no such run."""
        run = self.airflow.dag_run(self.dag_id, self.dag_run_id)
        return run.state if run else None

    def active_runs(self) -> int:
        """Count the DAG's runs that are queued or running."""
        return len(self.airflow.active_runs(self.dag_id))

    def retrying_tasks(self) -> int:
        """Count the tasks of which a try has ended and another one has not begun."""
        return sum(map(_is_between_tries, self._tasks()))

    def longest_wait(self) -> float:
        """Give the seconds for which a task has waited to begin; 0 when none waits."""
        now = self.clock.now()
        waits = [now - task.scheduled_when for task in self._tasks() if task.state in _WAITING and task.scheduled_when]
        return max(waits, default=timedelta(0)).total_seconds()

    def _tasks(self) -> Sequence[TaskState]:
        return self.airflow.tasks(self.dag_id, self.dag_run_id)


def _is_between_tries(task: TaskState) -> bool:
    """Tell whether a task has had a try and is to have another; one that was cleared has no state for a moment."""
    return task.state in _BETWEEN_TRIES or (task.state is None and task.try_number > 0)
