"""The pipeline's run in Airflow, as probes look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from include.chaos.journal import Clock
from include.chaos.platforms.airflow import DagRunState, TaskState
from include.errors import PlatformError

_ENDED_TRY = frozenset({"up_for_retry", "restarting"})
_WAITING = frozenset({"scheduled", "queued"})


class DagRunReader(Protocol):
    """What is asked of Airflow."""

    def dag_run(self, dag_id: str, dag_run_id: str) -> DagRunState | None:
        """Give the run's state, or None when there is no such run yet."""
        ...

    def active_runs(self, dag_id: str) -> Sequence[DagRunState]:
        """List a DAG's runs that have not ended."""
        ...


class TaskWatch(Protocol):
    """What somebody sees who looks at the run's tasks all the time: to ask for them is dear, so nobody else does."""

    def tasks(self) -> Sequence[TaskState]:
        """Give the tasks as they were last seen; none before the run is started."""
        ...

    @property
    def silent(self) -> bool:
        """Whether Airflow does not answer at the moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRun:
    """One DAG run, and its DAG."""

    airflow: DagRunReader
    watch: TaskWatch
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
        if self.watch.silent:
            raise PlatformError("Airflow does not answer, so what its tasks do is not known")
        return self.watch.tasks()


def _is_between_tries(task: TaskState) -> bool:
    """Tell whether a task has had a try and is to have another; one that was cleared has no state for a moment."""
    match task.state:
        case None:
            return task.try_number > 0
        case "scheduled" | "queued":
            return task.try_number > 1
        case state:
            return state in _ENDED_TRY
