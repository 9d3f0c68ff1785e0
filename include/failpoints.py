"""Failpoints: places in a pipeline where a process can be stopped, crashed or failed on order. Off, they cost nothing.

A pipeline calls `reach` at such a place. An order is a folder, `<home>/<run>/<stage>.<name>/`, that the pipeline's
processes and the one that gives orders both see; `home` is the variable `CHAOS_FAILPOINTS_HOME`, without which nothing
is looked for.

| file | written by | meaning |
|---|---|---|
| `armed` | who orders | seconds since the epoch: who arrives first waits there until then, or until the file is gone |
| `hit` | the process, whole, at most once | who waits: JSON of `Hit` |
| `crash` | who orders | the process that waits ends itself with SIGKILL |
| `fail` | who orders | a share: the process that waits raises `FailpointError`; who comes later does so that often |
| `failed` | the process | it is about to raise |
"""

import json
import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

HOME_VARIABLE = "CHAOS_FAILPOINTS_HOME"

ARMED = "armed"
HIT = "hit"
CRASH = "crash"
FAIL = "fail"
FAILED = "failed"

_LOOK_SECONDS = 0.005
_START_TICKS = 18
"""Where /proc/PID/stat has the start of a process, counted from behind its state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failpoint:
    """One named place in one stage of one run."""

    run_id: str
    stage: str
    name: str

    def folder(self, home: Path) -> Path:
        """Give the folder in which an order for this place lies."""
        return home / quote(self.run_id, safe="") / f"{quote(self.stage, safe='')}.{quote(self.name, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A process that has arrived; `start_ticks` tells it from a later one with its pid."""

    pid: int
    start_ticks: int
    at: float


class FailpointError(RuntimeError):
    """The failure that was ordered; a pipeline is to take it for any other of its own."""


def reach(failpoint: Failpoint) -> None:
    """Pass; unless the place is armed: who is first waits until released, or crashes or fails as told.

    Raises `FailpointError` when told to fail; others who come then do so too, with the probability that was ordered.
    """
    home = os.environ.get(HOME_VARIABLE)
    if not home:
        return
    folder = failpoint.folder(Path(home))
    if armed_until(folder) <= time.time():
        return
    if _claim(folder):
        _wait(folder)
    elif random.random() < failing_share(folder):  # noqa: S311  # no secret
        _fail(folder)


def armed_until(folder: Path) -> float:
    """Give the moment until which a place is armed, in seconds since the epoch; 0 when it is not."""
    try:
        return float((folder / ARMED).read_text())
    except (OSError, ValueError):
        return 0.0


def failing_share(folder: Path) -> float:
    """Give the share of those who come to a place that are to fail there; 0 when none is."""
    try:
        return float((folder / FAIL).read_text())
    except (OSError, ValueError):
        return 0.0


def start_ticks_of(pid: int) -> int | None:
    """Give when a process started, in the kernel's ticks; None when there is none, or only its remains."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in ("Z", "X") else int(fields[_START_TICKS])


def _claim(folder: Path) -> bool:
    """Write down who is here, whole and once; tell whether that was this process."""
    pid = os.getpid()
    own = folder / f"{HIT}.{pid}"
    hit = Hit(pid=pid, start_ticks=start_ticks_of(pid) or 0, at=time.time())
    try:
        own.write_text(json.dumps(asdict(hit)))
        os.link(own, folder / HIT)
    except OSError:  # somebody was first, or the order was taken back
        return False
    finally:
        with suppress(OSError):
            own.unlink()
    return True


def _wait(folder: Path) -> None:
    while armed_until(folder) > time.time():
        if (folder / CRASH).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        if failing_share(folder):
            _fail(folder)
        time.sleep(_LOOK_SECONDS)


def _fail(folder: Path) -> None:
    with suppress(OSError):
        (folder / FAILED).touch()
    raise FailpointError(f"told to fail at {folder.name}")
