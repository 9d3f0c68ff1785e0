"""What probes read of the pipeline's run in Airflow."""

from datetime import timedelta

import pytest

from include.chaos.agent.pipeline_run import PipelineRun
from include.chaos.platforms.airflow import TaskState
from include.errors import PlatformError
from tests.chaos.fakes import FakeAirflow, FakeClock, FakeWatch

CLOCK = FakeClock()


def run_with(*tasks: TaskState, silent: bool = False) -> PipelineRun:
    watch = FakeWatch(seen=tasks, silent=silent)
    return PipelineRun(airflow=FakeAirflow(), watch=watch, clock=CLOCK, dag_id="scale_pipeline", dag_run_id="run")


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
        (task("queued", tries=2), 1),
        (task("queued", tries=1), 0),
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
    run = run_with()
    assert (run.run_state(), run.active_runs(), run.retrying_tasks(), run.longest_wait()) == (None, 0, 0, 0)


def test_while_airflow_is_silent_nothing_is_known_of_tasks() -> None:
    """What was last seen is no look."""
    with pytest.raises(PlatformError, match="does not answer"):
        run_with(task("success"), silent=True).retrying_tasks()
