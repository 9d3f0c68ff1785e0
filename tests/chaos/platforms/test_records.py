"""What Spark, the supervisor and the database wrote down is read, for the time that is asked for."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from include.chaos.layers import Layer
from include.chaos.platforms.local_records import AirflowRecords, DatabaseRecords, SupervisorRecords
from include.chaos.platforms.spark_records import SparkRecords, read_events
from include.chaos.platforms.spark_tasks import SparkTasks
from include.chaos.writers import find_overlaps
from include.errors import PlatformError
from include.settings import SiteComponent

SINCE = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(minutes=5)


def milliseconds(seconds: float) -> int:
    return int((SINCE + timedelta(seconds=seconds)).timestamp() * 1000)


def task_end(index: int, reason: str, seconds: float, attempt: int = 0) -> dict[str, Any]:
    return {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": 3,
        "Task End Reason": {"Reason": reason},
        "Task Info": {"Index": index, "Attempt": attempt, "Finish Time": milliseconds(seconds)},
    }


def stage_submitted(attempt: int, seconds: float) -> dict[str, Any]:
    info = {"Stage ID": 3, "Stage Attempt ID": attempt, "Submission Time": milliseconds(seconds)}
    return {"Event": "SparkListenerStageSubmitted", "Stage Info": info}


def executor(event: str, number: str, seconds: float) -> dict[str, Any]:
    return {"Event": f"SparkListenerExecutor{event}", "Executor ID": number, "Timestamp": milliseconds(seconds)}


def layers(*events: dict[str, Any], torn: str = "") -> list[Layer]:
    lines = [*map(json.dumps, events), torn]
    return [acted.layer for acted in read_events(lines, SINCE, UNTIL)]


def test_a_task_that_failed_and_succeeded_later_was_run_again() -> None:
    """Only the same task of the same stage counts."""
    failed, other = task_end(1, "ExecutorLostFailure", 10), task_end(2, "Success", 11)
    assert layers(failed, other) == []
    assert layers(failed, other, task_end(1, "Success", 12, attempt=1)) == [Layer.SPARK_TASK_RETRY]


def test_a_copy_that_speculation_killed_is_no_failure() -> None:
    """It was not needed any more."""
    assert layers(task_end(1, "TaskKilled", 10), task_end(1, "Success", 9)) == []


def test_what_failed_before_the_strike_is_another_story() -> None:
    """Nor does a first submission count as one more."""
    assert layers(task_end(1, "ExceptionFailure", -10), task_end(1, "Success", 5, attempt=1)) == []
    assert layers(stage_submitted(0, 5)) == []


def test_a_stage_submitted_again_and_an_executor_replaced_are_told() -> None:
    """Each by its own name."""
    assert layers(stage_submitted(1, 5)) == [Layer.STAGE_RESUBMISSION]
    assert layers(executor("Added", "0", 1)) == []
    assert layers(executor("Removed", "0", 5), executor("Added", "2", 8)) == [Layer.EXECUTOR_REPLACED]


def test_a_torn_last_line_is_left_out() -> None:
    """A driver that was killed leaves one."""
    assert layers(stage_submitted(1, 5), torn='{"Event":"SparkListenerTaskE') == [Layer.STAGE_RESUBMISSION]


def test_only_logs_written_since_are_read_and_a_missing_folder_is_said(tmp_path: Path) -> None:
    """What is not there was not read."""
    (tmp_path / "app-1").write_text(json.dumps(stage_submitted(1, 5)) + "\n")
    assert len(list(SparkRecords(folder=tmp_path).read(SINCE, UNTIL))) == 1
    with pytest.raises(PlatformError, match="gone"):
        list(SparkRecords(folder=tmp_path / "gone").read(SINCE, UNTIL))


class Database:
    """A database that says when it was started."""

    def __init__(self, started: datetime) -> None:
        self._started = started

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        return [(self._started,)]

    def close(self) -> None:
        """Nothing to give back."""


@pytest.mark.parametrize(("seconds", "found"), [(-60, 0), (60, 1), (600, 0)])
def test_a_database_that_came_up_meanwhile_has_recovered(seconds: float, found: int) -> None:
    """One that runs since before did not have to."""
    records = DatabaseRecords(open_reader=lambda: Database(SINCE + timedelta(seconds=seconds)))
    assert len(list(records.read(SINCE, UNTIL))) == found


class Audit:
    """An audit log with one act."""

    def interventions(self, dag_id: str, since: datetime) -> Sequence[tuple[datetime, str]]:
        return [(SINCE + timedelta(seconds=30), "post_clear_task_instances")]


def test_a_person_s_act_is_told() -> None:
    """A run that somebody cleared was not saved by a retry."""
    [acted] = AirflowRecords(audit_log=Audit(), dag_id="orders").read(SINCE, UNTIL)
    assert (acted.layer, acted.what) == (Layer.PERSON, "post_clear_task_instances")


def attempt(index: int, launched: float, finished: float, reason: str = "Success", moved: int = 0) -> str:
    return json.dumps(
        {
            "Event": "SparkListenerTaskEnd",
            "Stage ID": 3,
            "Task End Reason": {"Reason": reason},
            "Task Info": {"Index": index, "Launch Time": milliseconds(launched), "Finish Time": milliseconds(finished)},
            "Task Metrics": {
                "Input Metrics": {"Bytes Read": 10 * moved, "Records Read": moved},
                "Output Metrics": {"Bytes Written": 10 * moved, "Records Written": moved},
            },
        }
    )


def test_attempts_that_failed_or_were_done_already_were_worked_for_nothing(tmp_path: Path) -> None:
    """With what they read and wrote; a task that was lost with its executor is told by its end, not by its figures."""
    lines = [
        attempt(0, 0, 2, moved=5),
        attempt(1, 0, 3, "ExceptionFailure", moved=7),
        attempt(1, 4, 6, moved=7),
        attempt(0, 5, 8, moved=5),
        attempt(2, 99, 100),
    ]
    (tmp_path / "app-1").write_text("\n".join(lines))
    counted = SparkTasks(folder=tmp_path, since=SINCE).count("run-1", SINCE + timedelta(seconds=50))
    assert (counted.dag_run_id, counted.attempts, counted.worked_for) == ("run-1", 4, timedelta(seconds=10))
    assert (counted.lost_attempts, counted.lost_for) == (2, timedelta(seconds=6))
    assert (counted.lost_rows, counted.lost_bytes) == (24, 240)


def test_two_attempts_of_one_task_that_ran_at_once_are_found(tmp_path: Path) -> None:
    """Of one task, not of two; whatever the order of their ends."""
    lines = [attempt(1, 10, 12), attempt(0, 5, 9), attempt(0, 1, 8), '{"Event":"SparkListenerTaskEnd"']
    (tmp_path / "app-1").write_text("\n".join(lines))
    (overlap,) = find_overlaps(SparkTasks(folder=tmp_path, since=SINCE).read_tries())
    assert (overlap.writer, overlap.older, overlap.newer) == ("task 0 of Spark stage 3 (app-1)", 1, 2)
    assert (overlap.since, overlap.until) == (SINCE + timedelta(seconds=5), SINCE + timedelta(seconds=8))
    assert overlap.fence_held is None


def test_attempts_of_another_run_are_left_out(tmp_path: Path) -> None:
    """Only those that began since then; a folder that is missing is said."""
    (tmp_path / "app-1").write_text(attempt(0, -9, 8) + "\n" + attempt(0, 5, 9) + "\n")
    (only,) = SparkTasks(folder=tmp_path, since=SINCE).read_tries()
    assert only.began_at == SINCE + timedelta(seconds=5)
    with pytest.raises(PlatformError):
        list(SparkTasks(folder=tmp_path / "none", since=SINCE).read_tries())


@dataclass
class OneProcess:
    """A supervisor of a single component: the process of this test."""

    component: str = "warehouse"

    def components(self) -> Sequence[SiteComponent]:
        nowhere = Path("/nowhere")
        return [
            SiteComponent(name="it", component=self.component, port=None, node="n", hold_file=nowhere, script="it.py")
        ]

    def pid(self, component: SiteComponent) -> int | None:
        return os.getpid()


@pytest.mark.parametrize(("struck_later_by", "is_seen"), [(-5, True), (0.4, True), (5, False)])
def test_a_restart_that_came_at_once_is_seen(*, struck_later_by: float, is_seen: bool) -> None:
    """A process may seem older than it is by what its machine's boot is rounded: it has come after the strike still."""
    started = datetime.fromtimestamp(psutil.Process().create_time(), UTC)
    struck = started + timedelta(seconds=struck_later_by)
    found = list(SupervisorRecords(open_supervisor=OneProcess).read(struck, struck + timedelta(hours=1)))
    assert [(acted.layer, acted.what) for acted in found] == ([(Layer.SUPERVISOR_RESTART, "it")] if is_seen else [])
    assert all(acted.at >= struck for acted in found)


def test_the_agent_s_own_restart_saved_nobody() -> None:
    """It is no part of what is tested."""
    supervisor = SupervisorRecords(open_supervisor=lambda: OneProcess("agent"))
    started = datetime.fromtimestamp(psutil.Process().create_time(), UTC)
    assert list(supervisor.read(started - timedelta(seconds=5), started + timedelta(hours=1))) == []
