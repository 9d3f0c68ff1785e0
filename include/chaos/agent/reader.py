"""Read as a consumer would for as long as an experiment run is open, and journal what is seen when it changes.

While the database is calm, each state that it commits is read; while it is busy, as many as a small share of the time
allows. A state with another stamp is always read. Reading is another thread's work, in snapshots that are held for it,
so that no look waits for a read.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from include.chaos.agent.sights import Glance, SightReader, Snapshot
from include.chaos.consumer_events import ConsumerRead, ReaderBlind, ReaderCounted, ReaderSees, ReaderStarted
from include.chaos.journal import Clock
from include.chaos.pipeline import Pipeline
from include.errors import PlatformError

LEAST_INTERVAL_SECONDS = 0.03
RETRY_SECONDS = 0.5
SETTLE_SECONDS = 8.0

SILENT_SECONDS = 3.0
"""A database that takes longer to answer hangs: consumers wait for it too."""

ReaderEvent = ReaderStarted | ConsumerRead | ReaderBlind | ReaderSees | ReaderCounted
Record = Callable[[ReaderEvent], object]


class SnapshotSource(Protocol):
    """A database that consumers read; all failures are `PlatformError`s. Safe to share between threads."""

    def await_news(self, *, any_commit: bool) -> bool:
        """Wait for another stamp, or for any commit since the last that was told of; False when none came for long."""
        ...

    def take(self) -> Snapshot:
        """Take a snapshot of the state that it is in."""
        ...

    def close(self) -> None:
        """Give the connections back."""
        ...


class ConsumerReader:
    """One pipeline's consumer, until it is stopped."""

    def __init__(self, *, pipeline: Pipeline, source: SnapshotSource, record: Record, clock: Clock) -> None:
        """Prepare the threads; `start` begins to read."""
        self._pipeline = pipeline
        self._source = source
        self._record = record
        self._clock = clock
        self._sights = SightReader(relations=pipeline.accounted, record=record, clock=clock)
        self._began_at = 0.0
        self._blind_since: float | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="reader-looks", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._record(
            ReaderStarted(
                relations=tuple(relation.name for relation in self._pipeline.accounted),
                promises_publication=self._pipeline.publication is not None,
            )
        )
        self._sights.start()
        self._thread.start()

    def stop(self) -> None:
        """Read no more; a look that hangs is left behind, it can not be ended."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(SILENT_SECONDS)
        if self._sights.stop(SILENT_SECONDS) and not self._thread.is_alive():
            self._source.close()

    def settle(self) -> None:
        """Read what is there now, whatever it costs, and journal how closely was looked so far."""
        try:
            glance = Glance(snapshot=self._source.take(), seen_at=self._clock.now(), is_asked_for=True)
        except PlatformError:
            pass  # the looks say so
        else:
            self._sights.hand_over(glance)
            glance.done.wait(SETTLE_SECONDS)
        spent = timedelta(seconds=round(self._sights.reading_for, 3))
        self._record(ReaderCounted(reads=self._sights.reads, reading_for=spent))

    def _watch(self) -> None:
        while not self._stopped.wait(LEAST_INTERVAL_SECONDS):
            try:
                self._look()
            except PlatformError as error:
                self._note_blindness(str(error))
            except Exception as error:  # noqa: BLE001  # a defect is blindness, and said
                self._note_blindness(repr(error))

    def _look(self) -> None:
        self._began_at = self._clock.monotonic()
        self._sights.require_sound()
        if self._source.await_news(any_commit=self._sights.may_read()) or self._blind_since is not None:
            snapshot = self._source.take()
            self._note_sight()
            self._sights.hand_over(Glance(snapshot=snapshot, seen_at=self._clock.now()))

    def _note_sight(self) -> None:
        """End a blindness, and tell of one that is only known now that an answer has come."""
        if (silent_for := self._clock.monotonic() - self._began_at) > SILENT_SECONDS:
            self._tell_blindness(f"no answer for {silent_for:.1f} s")
        if self._blind_since is not None:
            blind_for = timedelta(seconds=self._clock.monotonic() - self._blind_since)
            self._blind_since = None
            self._record(ReaderSees(blind_for=blind_for))

    def _note_blindness(self, error: str) -> None:
        self._tell_blindness(error)
        self._stopped.wait(RETRY_SECONDS)

    def _tell_blindness(self, error: str) -> None:
        """Tell once that nobody can read, since the look began that failed."""
        if self._blind_since is None:
            self._blind_since = self._began_at
            self._record(ReaderBlind(error=error))
