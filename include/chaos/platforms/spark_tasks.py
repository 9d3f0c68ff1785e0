"""Which attempts of Spark's tasks ran when, from its event logs (see `spark_records` for their format).

An attempt whose executor was lost ends when the driver noticed; what its processes did afterwards Spark does not know.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

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
        try:
            logs = [log for log in sorted(self.folder.iterdir()) if log.stat().st_mtime >= self.since.timestamp()]
            for log in logs:
                tries = read_attempts(log.name, log.read_text(encoding="utf8").splitlines())
                yield from (each for each in tries if each.began_at >= self.since)
        except OSError as error:
            raise PlatformError(f"{self.folder}: {error.strerror}") from error


def read_attempts(application: str, lines: Iterable[str]) -> Iterator[WriterTry]:
    """Read one application's log; a last line that is torn is left out."""
    tasks = []
    for line in lines:
        if '"SparkListenerTaskEnd"' in line:
            try:
                tasks.append(json.loads(line))
            except ValueError:
                continue
    numbers: Counter[str] = Counter()
    for task in sorted(tasks, key=lambda task: int(task["Task Info"]["Launch Time"])):
        info = task["Task Info"]
        writer = f"task {info['Index']} of Spark stage {task['Stage ID']} ({application})"
        numbers[writer] += 1
        began_at, ended_at = _moment(info["Launch Time"]), _moment(info["Finish Time"])
        yield WriterTry(writer=writer, number=numbers[writer], began_at=began_at, ended_at=ended_at)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
