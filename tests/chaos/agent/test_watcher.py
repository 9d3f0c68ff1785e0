"""The watcher: what it notes, and what it does not ask for again and again."""

from collections.abc import Callable

import pytest

from include.chaos.agent.watcher import RUN_LOOKS, Observation, Watcher
from include.chaos.events import DagRunObserved, StageObserved
from include.chaos.platforms.airflow import DagRunState, TaskState
from include.errors import PlatformError


class Airflow:
    """A run with one task, and a count of what was asked for."""

    def __init__(self) -> None:
        self.run: str | None = "running"
        self.task = "running"
        self.silent = False
        self.asked_for_run = 0

    def dag_run(self, dag_id: str, dag_run_id: str) -> DagRunState | None:
        if self.silent:
            raise PlatformError("no answer")
        self.asked_for_run += 1
        return DagRunState(dag_run_id=dag_run_id, state=self.run) if self.run else None

    def tasks(self, dag_id: str, dag_run_id: str) -> list[TaskState]:
        return [TaskState(task_id="extract", state=self.task, try_number=1)]


class Watched:
    """A watcher whose looks are taken by hand."""

    def __init__(self) -> None:
        self.airflow = Airflow()
        self.noted: list[Observation] = []
        self.watcher = Watcher(airflow=self.airflow, dag_id="dag", dag_run_id="run", record=self.noted.append)

    def look(self, times: int = 1) -> int:
        """Look; give how often the run was asked for."""
        before = self.airflow.asked_for_run
        for _ in range(times):
            self.watcher._look()
        return self.airflow.asked_for_run - before


@pytest.fixture
def watched() -> Watched:
    watched = Watched()
    watched.look(2)  # the first sees the task move, the second what that did to the run
    return watched


def test_while_a_task_runs_on_the_run_is_asked_for_seldom(watched: Watched) -> None:
    """Its tasks say all there is to say, and each answer costs Airflow."""
    assert watched.look(3 * RUN_LOOKS) == 3


def test_a_run_that_somebody_ends_by_hand_is_seen_to_end(watched: Watched) -> None:
    """Though its task runs on for a while, as Airflow lets it."""
    watched.airflow.run = "failed"
    watched.look(RUN_LOOKS)
    assert watched.watcher.run_ended


def _task_succeeds(airflow: Airflow) -> None:
    airflow.task = "success"


def _task_waits_for_a_retry(airflow: Airflow) -> None:
    airflow.task = "up_for_retry"


@pytest.mark.parametrize("happens", [_task_succeeds, _task_waits_for_a_retry])
def test_when_no_task_runs_each_look_asks_for_the_run(watched: Watched, happens: Callable[[Airflow], None]) -> None:
    """It is about to end, or to go on."""
    happens(watched.airflow)
    watched.look()
    assert watched.look(5) == 5


def test_a_run_that_is_not_there_yet_is_asked_for_at_each_look() -> None:
    """Its first task must be seen at once."""
    watched = Watched()
    watched.airflow.run = None
    assert watched.look(5) == 5
    assert watched.noted == []


def test_each_state_is_noted_once(watched: Watched) -> None:
    """The journal holds changes, not looks."""
    watched.look(5)
    assert [type(seen) for seen in watched.noted] == [StageObserved, DagRunObserved]


def test_after_a_silence_the_run_is_asked_for_as_before(watched: Watched) -> None:
    """A look that failed counts for none."""
    watched.airflow.silent = True
    with pytest.raises(PlatformError):
        watched.look(RUN_LOOKS)
    watched.airflow.silent = False
    assert watched.look() == 1
