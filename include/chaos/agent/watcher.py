"""Watch the pipeline's DAG run through Airflow's API, and journal every change of state.

Airflow may be what the fault struck: while it does not answer the watcher says so once, and goes on asking.
"""

import threading
from collections.abc import Callable
from typing import Protocol

from include.chaos.events import AirflowAnswers, AirflowSilent, DagRunObserved, StageObserved
from include.chaos.platforms.airflow import DagRunState, TaskState
from include.chaos.run_place import RunPlace
from include.errors import PlatformError

WATCH_SECONDS = 0.5

RELAXED_SECONDS = 1.0
"""How often it is looked when no strike waits for its moment: what happened when is Airflow's own to say."""

RUN_LOOKS = 4
"""While a task runs and none moves, only every so-manieth look asks for the run too: Airflow pays for each answer."""

Observation = StageObserved | DagRunObserved | AirflowSilent | AirflowAnswers
Record = Callable[[Observation], object]


class RunReader(Protocol):
    """What the watcher needs of Airflow."""

    def dag_run(self, dag_id: str, dag_run_id: str) -> DagRunState | None:
        """Give the run's state, or None when there is no such run yet."""
        ...

    def tasks(self, dag_id: str, dag_run_id: str) -> list[TaskState]:
        """Give the state of every task of the run; none when there is no such run yet."""
        ...


class Watcher:
    """One DAG run's observer, until the run has ended or it is stopped. Its last knowledge may be read at any time."""

    def __init__(
        self,
        *,
        airflow: RunReader,
        dag_id: str,
        dag_run_id: str,
        record: Record,
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> None:
        """Prepare the thread; `start` begins to watch, closely while `is_awaited` says that a strike waits for it."""
        self._airflow = airflow
        self._dag_id = dag_id
        self._dag_run_id = dag_run_id
        self._record = record
        self._is_awaited = is_awaited
        self._stages: dict[str, StageObserved] = {}
        self._tasks: tuple[TaskState, ...] = ()
        self._run: DagRunObserved | None = None
        self._told: DagRunState | None = None
        self._looks_until_run = 0
        self._silent = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"watch-{dag_run_id}", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def stage(self, task_id: str) -> StageObserved | None:
        """Give what was last seen of a stage."""
        return self._stages.get(task_id)

    def tasks(self) -> tuple[TaskState, ...]:
        """Give the tasks as they were last seen; none before the run is started."""
        return self._tasks

    def run(self) -> RunPlace:
        """Give where in Airflow the run is."""
        return RunPlace(dag_id=self._dag_id, dag_run_id=self._dag_run_id)

    def running_tasks(self) -> dict[str, int]:
        """Give the processes of the tasks that were last seen running, by their places."""
        running = [seen for seen in self._stages.values() if seen.pid and seen.state == "running"]
        return {str(self.run().task(seen.stage)): seen.pid for seen in running if seen.pid}

    @property
    def silent(self) -> bool:
        """Tell whether Airflow does not answer at the moment."""
        return self._silent

    @property
    def run_ended(self) -> bool:
        """Tell whether the run was seen to have ended."""
        return self._run is not None and self._run.state in ("success", "failed")

    def _watch(self) -> None:
        while not self._stopped.wait(WATCH_SECONDS if self._is_awaited() else RELAXED_SECONDS):
            try:
                self._look()
            except PlatformError as error:
                self._note_silence(str(error))
            except Exception as error:  # noqa: BLE001  # an answer that makes no sense is recorded as none
                self._note_silence(repr(error))

    def _note_silence(self, error: str) -> None:
        if not self._silent:
            self._silent = True
            self._record(AirflowSilent(error=error))

    def _look(self) -> None:
        run = self._ask_for_run()
        tasks = self._airflow.tasks(self._dag_id, self._dag_run_id) if run else []
        if self._silent:
            self._silent = False
            self._record(AirflowAnswers())
        before = dict(self._stages)
        self._tasks = tuple(tasks)
        for task in tasks:
            self._note_stage(task)
        if run:
            self._note_run(run)
        if before != self._stages or not any(task.state == "running" for task in tasks):
            self._looks_until_run = 0  # the run may have moved too

    def _ask_for_run(self) -> DagRunState | None:
        if self._looks_until_run <= 0:
            self._told = self._airflow.dag_run(self._dag_id, self._dag_run_id)
            self._looks_until_run = RUN_LOOKS
        self._looks_until_run -= 1
        return self._told

    def _note_stage(self, task: TaskState) -> None:
        seen = StageObserved(
            stage=task.task_id,
            state=task.state,
            try_number=task.try_number,
            start_date=task.start_date,
            end_date=task.end_date,
            pid=task.pid,
        )
        if seen != self._stages.get(task.task_id):
            self._stages[task.task_id] = seen
            self._record(seen)

    def _note_run(self, run: DagRunState) -> None:
        seen = DagRunObserved(state=run.state, start_date=run.start_date, end_date=run.end_date)
        if seen != self._run:
            self._run = seen
            self._record(seen)
