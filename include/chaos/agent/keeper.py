"""End what must not go on: leases whose time is over, and experiments whose `abort_when` has come true."""

import logging
import threading

from include.chaos.agent.abort import AbortWatch
from include.chaos.agent.injector import Injector
from include.chaos.events import ExperimentAborted, Halted
from include.chaos.journal import Clock, JournalWriter
from include.chaos.model import AbortCondition, RecoveredBy

TICK_SECONDS = 0.2

logger = logging.getLogger("chaos.keeper")


class Keeper:
    """One experiment run's keeper: a thread that looks at leases and conditions until it is stopped."""

    def __init__(
        self, *, injector: Injector, journal: JournalWriter, clock: Clock, conditions: tuple[AbortCondition, ...]
    ) -> None:
        """Prepare the thread; `start` begins to look."""
        self._injector = injector
        self._journal = journal
        self._clock = clock
        self._watch = AbortWatch(conditions)
        self._observed = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def undo_everything(self, because: ExperimentAborted | Halted, by: RecoveredBy) -> bool:
        """Write down why, undo everything and end all leases; tell whether that is confirmed."""
        try:
            self._journal.append(because)
        finally:  # an undo does not wait for a disk that is full
            confirmed = self._injector.recover_everything(by)
        return confirmed

    def aborted(self) -> ExperimentAborted | None:
        """Give the abort, if the experiment was aborted."""
        return next((e.body for e in self._journal.entries if isinstance(e.body, ExperimentAborted)), None)

    def _run(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            try:
                self._injector.expire()
                self._abort_if_due()
            except Exception:
                logger.exception("a look failed; the next one tries again, for leases must end")

    def _abort_if_due(self) -> None:
        new = self._journal.since(self._observed)
        self._observed += len(new)
        self._watch.observe(new)
        reached = self._watch.reached(self._clock.monotonic())
        if reached and not self.aborted():
            self.undo_everything(reached, RecoveredBy.ABORTED)
