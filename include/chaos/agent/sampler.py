"""Look through every probe on its own clock, and journal each look: also the one that never comes back."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from include.chaos.events import ProbeSampled
from include.chaos.model import Measurement

Look = Callable[[], Measurement]
Record = Callable[[ProbeSampled], object]


class Sampler:
    """One probe's clock: a thread that looks every `every` seconds until stopped, and counts the looks it missed.

    A look that takes longer than `patience` seconds is recorded as a failed one, once for each time that patience
    ends, so that a server that hangs is seen to hang; the next look begins when the late one has come back.
    """

    def __init__(self, *, probe: str, every: float, patience: float, look: Look, record: Record) -> None:
        """Prepare the thread; `start` begins to look."""
        self._probe = probe
        self._every = every
        self._looker = _Looker(probe=probe, look=look, patience=patience)
        self._record = record
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"probe-{probe}", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._looker.start()
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns when the last look is recorded, or is late."""
        self._stopped.set()
        self._thread.join()
        self._looker.stop()

    def _run(self) -> None:
        due = time.monotonic()
        missed = 0
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            self._record(ProbeSampled(probe=self._probe, measurement=self._looker.take(), missed=missed))
            missed = int(max(0.0, time.monotonic() - due) / self._every)
            due += self._every * (missed + 1)


class _Looker:
    """Looks in a thread of its own, one look at a time, so that nobody waits for one longer than `patience`."""

    def __init__(self, *, probe: str, look: Look, patience: float) -> None:
        self._look = look
        self._patience = patience
        self._asked: SimpleQueue[Look | None] = SimpleQueue()
        self._seen: SimpleQueue[Measurement] = SimpleQueue()
        self._pending_since: float | None = None
        self._thread = threading.Thread(target=self._work, name=f"look-{probe}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let the thread end after its look; one that hangs is left behind, it can not be ended."""
        self._asked.put(None)

    def take(self) -> Measurement:
        """Take a look, or go on waiting for the one that is late; what is late is a failed look."""
        late = self._pending_since is not None
        if self._pending_since is None:
            self._pending_since = time.monotonic()
            self._asked.put(self._look)
        try:
            seen = self._seen.get(timeout=self._patience)
        except Empty:
            waited = time.monotonic() - self._pending_since
            return Measurement(ok=False, latency=waited, error=f"no answer for {waited:.1f} s")
        self._pending_since = None
        return _failed_as_late(seen) if late else seen

    def _work(self) -> None:
        while (look := self._asked.get()) is not None:
            self._seen.put(_look_safely(look))


def _failed_as_late(seen: Measurement) -> Measurement:
    return seen.model_copy(update={"ok": False, "error": seen.error or f"answered only after {seen.latency:.1f} s"})


def _look_safely(look: Look) -> Measurement:
    """Turn even a defect of the probe into an unhealthy look: a probe that died must not look like health."""
    started = time.perf_counter()
    try:
        return look()
    except Exception as error:  # noqa: BLE001  # recorded as an unhealthy sample, never swallowed
        return Measurement(value=None, ok=False, latency=time.perf_counter() - started, error=repr(error))
