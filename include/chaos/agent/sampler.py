"""Look through every probe on its own clock, and journal each look."""

import threading
import time
from collections.abc import Callable

from include.chaos.events import ProbeSampled
from include.chaos.model import Measurement

Look = Callable[[], Measurement]
Record = Callable[[ProbeSampled], object]


class Sampler:
    """One probe's clock: a thread that looks every `every` seconds until stopped, and counts the looks it missed."""

    def __init__(self, *, probe: str, every: float, look: Look, record: Record) -> None:
        """Prepare the thread; `start` begins to look."""
        self._probe = probe
        self._every = every
        self._look = look
        self._record = record
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"probe-{probe}", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns when the last look is recorded."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        due = time.monotonic()
        missed = 0
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            self._record(ProbeSampled(probe=self._probe, measurement=_look_safely(self._look), missed=missed))
            missed = int(max(0.0, time.monotonic() - due) / self._every)
            due += self._every * (missed + 1)


def _look_safely(look: Look) -> Measurement:
    """Turn even a defect of the probe into an unhealthy look: a probe that died must not look like health."""
    started = time.perf_counter()
    try:
        return look()
    except Exception as error:  # noqa: BLE001  # recorded as an unhealthy sample, never swallowed
        return Measurement(value=None, ok=False, latency=time.perf_counter() - started, error=repr(error))
