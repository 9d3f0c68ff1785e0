"""What was done for nothing is added up from Airflow's tries and Spark's attempts, and held against the twin."""

from datetime import timedelta

from include.chaos.consumer_events import WorkCounted
from include.chaos.events import TwinFound
from include.chaos.timeline import build_timeline
from include.chaos.wasted_work import WastedWork, describe_wasted_work, read_wasted_work
from tests.chaos.journals import Step, number, passing_steps, stage


def worked(run: str, seconds: float, *, lost: float = 0, attempts: int = 0) -> WorkCounted:
    return WorkCounted(
        dag_run_id=run,
        source="Spark's event log",
        attempts=130,
        worked_for=timedelta(seconds=seconds),
        lost_attempts=attempts,
        lost_for=timedelta(seconds=lost),
    )


def wasted(*steps: Step) -> WastedWork:
    entries = number(sorted([*passing_steps(), *steps], key=lambda step: step[0]))
    return read_wasted_work(entries, build_timeline(entries))


def test_a_run_whose_tasks_all_succeeded_at_once_wasted_nothing() -> None:
    """And of what nobody counted there is no figure."""
    assert wasted() == WastedWork(in_tries=timedelta(0), counted=None, more_than_twin=None)


def test_tries_that_did_not_succeed_count_until_they_ended_or_the_next_one_began() -> None:
    """The first ended after 5.5 s, the second was not seen to end before the third began 6 s later."""

    def score(state: str, started: float, ended: float | None, try_number: int) -> Step:
        seen = stage(state, started=started, ended=ended, try_number=try_number)
        return (ended or started) + 0.1, seen.model_copy(update={"stage": "score"})

    tries = (score("up_for_retry", 6.5, 12, 1), score("running", 14, None, 2), score("success", 20, 24.5, 3))
    assert wasted(*tries).in_tries == timedelta(seconds=5.5 + 6)


def test_what_spark_worked_is_held_against_the_twin() -> None:
    """The twin is the undisturbed run with the same parameters."""
    twin = TwinFound(dag_run_id="manual__1", duration=30)
    counts = ((34.0, worked("chaos__run", 50, lost=4, attempts=3)), (34.1, worked("manual__1", 45)))
    steps: list[Step] = [(5.4, twin), *counts]
    counted = wasted(*steps)
    assert counted.more_than_twin == timedelta(seconds=5)
    said = (
        "0.0 s in tries of tasks that did not succeed; 3 of 130 attempts of Spark's tasks (4.0 s); "
        "Spark's tasks worked +5.0 s against the undisturbed run"
    )
    assert describe_wasted_work(counted) == said
