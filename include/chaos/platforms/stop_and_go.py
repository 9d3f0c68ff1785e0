"""Stop a process and let it go on, until a deadline: `python -m include.chaos.platforms.stop_and_go`.

A process of its own, so that the stopped one goes on in time whoever dies meanwhile. Its order is a folder:

| file | written by | meaning |
|---|---|---|
| `until` | who orders | seconds since the epoch: the order stands until then, or until the file is gone |
| `holder` | this process, before it first looks at `until` | its pid and start: an undo waits for its end |
"""

import json
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

UNTIL = "until"
HOLDER = "holder"

_LOOK_SECONDS = 0.02


def main(folder: str, pid: str, started_at: str, stopped: str, period: str) -> None:
    """Carry out the order in `folder` on the process `pid` that started at `started_at`; the last two are seconds."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that what is stopped goes on first
    order = Path(folder)
    with suppress(psutil.NoSuchProcess, FileNotFoundError):  # the order, or whom it was about, is gone
        process = psutil.Process(int(pid))
        if process.create_time() == float(started_at):
            _sign(order)
            _carry_out(order, process, float(stopped), float(period))


def stands_until(order: Path) -> float:
    """Give the moment until which an order stands, in seconds since the epoch; 0 when it does not."""
    try:
        return float((order / UNTIL).read_text())
    except (OSError, ValueError):
        return 0.0


def holder_of(order: Path) -> psutil.Process | None:
    """Give the process that carries an order out, if it lives."""
    try:
        signed = json.loads((order / HOLDER).read_text())
        holder = psutil.Process(signed["pid"])
        if holder.create_time() == signed["started_at"] and holder.status() != psutil.STATUS_ZOMBIE:
            return holder
    except (OSError, psutil.NoSuchProcess):
        pass
    return None


def _sign(order: Path) -> None:
    own = psutil.Process()
    replacement = order / f"{HOLDER}.new"
    replacement.write_text(json.dumps({"pid": own.pid, "started_at": own.create_time()}))
    replacement.replace(order / HOLDER)


def _carry_out(order: Path, process: psutil.Process, stopped: float, period: float) -> None:
    try:
        while stands_until(order) > time.time() and process.is_running():
            process.suspend()
            _wait(order, stopped * period)
            if stopped < 1:
                process.resume()
                _wait(order, (1 - stopped) * period)
    finally:
        process.resume()


def _wait(order: Path, seconds: float) -> None:
    """Wait, but not longer than the order stands."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0 and stands_until(order) > time.time():
        time.sleep(min(_LOOK_SECONDS, left))


if __name__ == "__main__":
    main(*sys.argv[1:])
