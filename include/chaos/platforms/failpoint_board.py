"""Orders for failpoints, as files that the pipeline's processes look for (see `include.failpoints`).

An order ends by itself soon after whoever gave it has died: it has to be renewed. All times are the machine's wall
clock, which the pipeline's processes share.
"""

import json
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

from include.chaos.model import Component, TargetInstance
from include.chaos.platforms.waiting import await_condition
from include.errors import PlatformError
from include.failpoints import (
    ARMED,
    CRASH,
    FAIL,
    FAILED,
    HIT,
    Failpoint,
    Hit,
    armed_until,
    failing_share,
    start_ticks_of,
)

END_SECONDS = 10.0
_POLL_SECONDS = 0.005


class FailpointBoard:
    """The orders that lie in one folder; a waiting process is an instance, named after its place."""

    def __init__(self, home: Path) -> None:
        """Remember the folder; it is made when the first order is given."""
        self._home = home

    def arm(self, failpoint: Failpoint, duration: timedelta) -> None:
        """Have the first process that arrives wait there, for that long from now; again: that long from now on."""
        _order(failpoint.folder(self._home), time.time() + duration.total_seconds())

    def waiting(self, failpoint: Failpoint) -> TargetInstance | None:
        """Give the process that has arrived, if one has."""
        folder = failpoint.folder(self._home)
        hit = _read_hit(folder)
        if hit is None:
            return None
        name = str(folder.relative_to(self._home))
        return TargetInstance(name=name, component=Component.PIPELINE, pid=hit.pid, started_at=float(hit.start_ticks))

    def disarm(self, failpoint: Failpoint) -> None:
        """Take the order back: who waits goes on. Safe to repeat."""
        shutil.rmtree(failpoint.folder(self._home), ignore_errors=True)

    def keep_waiting(self, instance: TargetInstance, until: datetime) -> None:
        """Let it wait until then, unless it is released before."""
        folder = self._home / instance.name
        if folder.is_dir():
            _order(folder, until.timestamp())

    def crash(self, instance: TargetInstance) -> None:
        """Have it end itself with SIGKILL, and return when it has; raise `PlatformError` when it does not."""
        if not self.is_waiting(instance):
            raise PlatformError(f"{instance.name}: nobody waits there any more")
        (self._home / instance.name / CRASH).touch()
        await_condition(
            lambda: not _lives(instance),
            within=END_SECONDS,
            every=_POLL_SECONDS,
            complaint=f"{instance.name}: process {instance.pid} was told to crash and did not",
        )

    def fail(self, instance: TargetInstance, share: float, until: datetime) -> None:
        """Have it fail, and until then such a share of those who come; raise `PlatformError` when it does not."""
        folder = self._home / instance.name
        if not (folder / FAILED).exists():
            if not self.is_waiting(instance):
                raise PlatformError(f"{instance.name}: nobody waits there any more")
            _write(folder / FAIL, str(share))
        _order(folder, until.timestamp())
        await_condition(
            (folder / FAILED).exists,
            within=END_SECONDS,
            every=_POLL_SECONDS,
            complaint=f"{instance.name}: process {instance.pid} was told to fail and did not",
        )

    def is_failing(self, instance: TargetInstance) -> bool:
        """Tell whether those who come to the place fail."""
        folder = self._home / instance.name
        return armed_until(folder) > time.time() and failing_share(folder) > 0

    def is_waiting(self, instance: TargetInstance) -> bool:
        """Tell whether it still waits there."""
        return armed_until(self._home / instance.name) > time.time() and _lives(instance)

    def release(self, instance: TargetInstance) -> None:
        """Let it go on, and nobody stop there any more; also when nobody does."""
        shutil.rmtree(self._home / instance.name, ignore_errors=True)


def _order(folder: Path, until: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / ARMED, f"{until:.3f}")


def _write(path: Path, text: str) -> None:
    replacement = path.with_name(f"{path.name}.new")
    replacement.write_text(text)
    replacement.replace(path)


def _read_hit(folder: Path) -> Hit | None:
    try:
        return Hit(**json.loads((folder / HIT).read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise PlatformError(f"{folder / HIT}: does not say who waits there ({error!r})") from error


def _lives(instance: TargetInstance) -> bool:
    return instance.pid is not None and start_ticks_of(instance.pid) == instance.started_at
