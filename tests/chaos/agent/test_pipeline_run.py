"""What probes read of the pipeline's run in Airflow."""

from datetime import timedelta

import pytest

from include.chaos.agent.pipeline_run import PipelineRun
from include.chaos.platforms.airflow import DagRunState, TaskState
from tests.chaos.fakes import FakeAirflow, FakeClock

CLOCK = FakeClock()


def run_with(*tasks: TaskState, state: str = "running") -> PipelineRun:
    airflow = FakeAirflow(run=DagRunState(dag_run_id="run", state=state), stages=list(tasks))
    return PipelineRun(airflow=airflow, clock=CLOCK, dag_id="scale_pipeline", dag_run_id="run")


def task(state: str | None, *, tries: int = 1, waits: float = 0.0) -> TaskState:
    scheduled = CLOCK.now() - timedelta(seconds=waits)
    return TaskState(task_id="load", state=state, try_number=tries, scheduled_when=scheduled)


@pytest.mark.parametrize(
    ("seen", "retrying"),
    [
        (task("up_for_retry"), 1),
        (task("restarting"), 1),
        (task(None, tries=1), 1),
        (task(None, tries=0), 0),
        (task("running", tries=2), 0),
        (task("success"), 0),
    ],
)
def test_a_task_between_two_tries_is_retrying(seen: TaskState, retrying: int) -> None:
    """One that was cleared has no state for a moment, as one has that was never tried."""
    assert run_with(seen).retrying_tasks() == retrying


def test_the_longest_wait_is_that_of_a_task_that_has_not_begun() -> None:
    """What runs waits no more."""
    run = run_with(task("queued", waits=7), task("scheduled", waits=9), task("running", waits=60))
    assert run.longest_wait() == pytest.approx(9)
    assert run_with(task("running", waits=60)).longest_wait() == 0


def test_before_the_run_is_started_there_is_nothing() -> None:
    """The baseline is measured then."""
    run = PipelineRun(airflow=FakeAirflow(), clock=CLOCK, dag_id="scale_pipeline", dag_run_id="run")
    assert (run.run_state(), run.active_runs(), run.retrying_tasks(), run.longest_wait()) == (None, 0, 0, 0)
