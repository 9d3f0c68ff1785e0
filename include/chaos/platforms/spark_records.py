"""What Spark's event logs say of tasks run again, stages submitted again and executors replaced.

Format: one JSON object a line, as `org.apache.spark.util.JsonProtocol` writes it; times are milliseconds since the
epoch. The lab writes plain files that do not roll. A driver that was killed has not written its last lines.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.chaos.events import LayerActed
from include.chaos.layers import Layer
from include.errors import PlatformError

_SUCCESS = "Success"
_KILLED = "TaskKilled"
"""A copy of a task that is not needed any more, as speculation leaves it: no failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkRecords:
    """The event logs in one folder."""

    folder: Path

    name: str = "Spark's event log"

    def read(self, since: datetime, until: datetime) -> Iterator[LayerActed]:
        """Give what Spark did again in that time; raise `PlatformError` when the logs cannot be read."""
        try:
            logs = [log for log in sorted(self.folder.iterdir()) if log.stat().st_mtime >= since.timestamp()]
            for log in logs:
                yield from read_events(log.read_text(encoding="utf8").splitlines(), since, until)
        except OSError as error:
            raise PlatformError(f"{self.folder}: {error.strerror}") from error


def read_events(lines: Iterable[str], since: datetime, until: datetime) -> Iterator[LayerActed]:
    """Read one application's log; a last line that is torn is left out."""
    application = _Application(since=since, until=until)
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        yield from application.follow(event)


@dataclass(slots=True, kw_only=True)
class _Application:
    """One application, event by event."""

    since: datetime
    until: datetime
    failed: dict[tuple[int, int], str] = field(default_factory=dict)
    lost_executor: str | None = None

    def follow(self, event: dict[str, Any]) -> Iterator[LayerActed]:
        match event.get("Event"):
            case "SparkListenerTaskEnd":
                yield from self._task_ended(event)
            case "SparkListenerStageSubmitted":
                yield from self._stage_submitted(event["Stage Info"])
            case "SparkListenerExecutorRemoved":
                if self._is_within(event["Timestamp"]):
                    self.lost_executor = f"executor {event['Executor ID']} ({event.get('Removed Reason', '')[:80]})"
            case "SparkListenerExecutorAdded":
                yield from self._executor_added(event)
            case _:
                pass

    def _task_ended(self, event: dict[str, Any]) -> Iterator[LayerActed]:
        task, reason = event["Task Info"], event["Task End Reason"]["Reason"]
        which, ended = (event["Stage ID"], task["Index"]), task["Finish Time"]
        if not self._is_within(ended):
            return
        if reason not in (_SUCCESS, _KILLED):
            self.failed[which] = reason
        elif reason == _SUCCESS and which in self.failed:
            what = f"task {which[1]} of stage {which[0]}, attempt {task['Attempt'] + 1}, after {self.failed.pop(which)}"
            yield LayerActed(layer=Layer.SPARK_TASK_RETRY, at=_moment(ended), what=what)

    def _stage_submitted(self, stage: dict[str, Any]) -> Iterator[LayerActed]:
        submitted = stage.get("Submission Time")
        if submitted and stage["Stage Attempt ID"] > 0 and self._is_within(submitted):
            what = f"stage {stage['Stage ID']}, attempt {stage['Stage Attempt ID'] + 1}"
            yield LayerActed(layer=Layer.STAGE_RESUBMISSION, at=_moment(submitted), what=what)

    def _executor_added(self, event: dict[str, Any]) -> Iterator[LayerActed]:
        if self.lost_executor and self._is_within(event["Timestamp"]):
            what = f"executor {event['Executor ID']} in the place of {self.lost_executor}"
            yield LayerActed(layer=Layer.EXECUTOR_REPLACED, at=_moment(event["Timestamp"]), what=what)
            self.lost_executor = None

    def _is_within(self, milliseconds: int) -> bool:
        return self.since <= _moment(milliseconds) <= self.until


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
