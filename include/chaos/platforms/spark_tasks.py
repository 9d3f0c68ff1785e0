"""Which attempts of Spark's tasks ran when and what they worked, from its event logs (`spark_records` has the format).

An attempt whose executor was lost ends when the driver noticed; what its processes did afterwards Spark does not know.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from include.chaos.consumer_events import WorkCounted
from include.chaos.writers import WriterTry
from include.errors import PlatformError


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkTasks:
    """The event logs in one folder, of what began since a time."""

    folder: Path
    since: datetime

    name: str = "Spark's event log"

    def read_tries(self) -> Iterator[WriterTry]:
        """Give the attempts of every application; one that never ended is not in its log."""
        for attempt in self._read():
            yield WriterTry(
                writer=attempt.task, number=attempt.number, began_at=attempt.began_at, ended_at=attempt.ended_at
            )

    def count(self, dag_run_id: str, until: datetime) -> WorkCounted:
        """Add up what was worked until a time, for the run that it was worked for."""
        attempts = [attempt for attempt in self._read() if attempt.began_at <= until]
        lost = [attempt for attempt in attempts if attempt.is_lost]
        return WorkCounted(
            dag_run_id=dag_run_id,
            source=self.name,
            attempts=len(attempts),
            worked_for=sum((attempt.lasted for attempt in attempts), timedelta(0)),
            lost_attempts=len(lost),
            lost_for=sum((attempt.lasted for attempt in lost), timedelta(0)),
            lost_rows=sum(attempt.rows for attempt in lost),
            lost_bytes=sum(attempt.bytes for attempt in lost),
        )

    def _read(self) -> Iterator["Attempt"]:
        try:
            logs = [log for log in sorted(self.folder.iterdir()) if log.stat().st_mtime >= self.since.timestamp()]
            for log in logs:
                attempts = read_attempts(log.name, log.read_text(encoding="utf8").splitlines())
                yield from (each for each in attempts if each.began_at >= self.since)
        except OSError as error:
            raise PlatformError(f"{self.folder}: {error.strerror}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a task; `is_lost` when it failed, was killed, or did again what was done already."""

    task: str
    number: int
    began_at: datetime
    ended_at: datetime
    is_lost: bool
    rows: int
    bytes: int

    @property
    def lasted(self) -> timedelta:
        """For how long it ran."""
        return self.ended_at - self.began_at


def read_attempts(application: str, lines: Iterable[str]) -> Iterator[Attempt]:
    """Read one application's log, by begin; a last line that is torn is left out."""
    numbers: Counter[str] = Counter()
    done: set[str] = set()
    for event in sorted(_task_ends(lines), key=lambda event: int(event["Task Info"]["Launch Time"])):
        info = event["Task Info"]
        task = f"task {info['Index']} of Spark stage {event['Stage ID']} ({application})"
        succeeded = event.get("Task End Reason", {}).get("Reason") == "Success"
        numbers[task] += 1
        yield Attempt(
            task=task,
            number=numbers[task],
            began_at=_moment(info["Launch Time"]),
            ended_at=_moment(info["Finish Time"]),
            is_lost=not succeeded or task in done,
            rows=_moved(event, "Records"),
            bytes=_moved(event, "Bytes"),
        )
        if succeeded:
            done.add(task)


def _task_ends(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if '"SparkListenerTaskEnd"' in line:
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _moved(event: dict[str, Any], what: str) -> int:
    """Add up what a task read and wrote, by its metrics; an attempt that was lost with its executor has none."""
    metrics = event.get("Task Metrics") or {}
    read, written = metrics.get("Input Metrics") or {}, metrics.get("Output Metrics") or {}
    return int(read.get(f"{what} Read", 0)) + int(written.get(f"{what} Written", 0))


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
