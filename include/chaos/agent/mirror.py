"""Copy journals from disk to the journal database whenever it answers. The disk stays the original."""

import logging
import threading
from typing import Protocol

from include.chaos.journal import JournalEntry
from include.errors import JournalError, PlatformError

logger = logging.getLogger("chaos.mirror")

MIRROR_SECONDS = 5.0

STOP_SECONDS = 5.0
"""How long the last copy may take: a database that hangs must not keep the agent from ending."""


class JournalDatabase(Protocol):
    """Where entries are copied to."""

    def last_mirrored(self, experiment_run_id: str) -> int:
        """Give the last entry's number, 0 for none; raise `PlatformError` when the database does not answer."""
        ...

    def insert(self, experiment_run_id: str, entries: tuple[JournalEntry, ...]) -> None:
        """Add entries; those that are there already are left. Raise `PlatformError` when it does not answer."""
        ...


class Journals(Protocol):
    """Where entries are copied from."""

    def run_ids(self) -> list[str]:
        """List every run there ever was."""
        ...

    def entries_since(self, experiment_run_id: str, seq: int) -> tuple[tuple[JournalEntry, ...], bool]:
        """Give a run's entries after `seq`, and whether they are the last; raise `JournalError` when damaged."""
        ...


class Mirror:
    """A thread that brings the database up to date with the journals."""

    def __init__(self, *, journals: Journals, database: JournalDatabase, stop_seconds: float = STOP_SECONDS) -> None:
        """Prepare the thread; `start` begins to copy."""
        self._journals = journals
        self._database = database
        self._stop_seconds = stop_seconds
        self._mirrored: dict[str, int] = {}
        self._finished: set[str] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mirror", daemon=True)

    def start(self) -> None:
        """Begin to copy."""
        self._thread.start()

    def stop(self) -> None:
        """Copy once more, then end; what is not copied by then, the next agent copies."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(self._stop_seconds)

    def copy(self) -> None:
        """Copy what is new; raise `PlatformError` when the database does not answer."""
        for run_id in self._journals.run_ids():
            if run_id not in self._finished:
                self._copy_run(run_id)

    def _run(self) -> None:
        while True:
            stopped = self._stopped.wait(MIRROR_SECONDS)
            try:
                self.copy()
            except PlatformError as error:
                logger.info("entries wait for the next round: %s", error)
            if stopped:
                return

    def _copy_run(self, run_id: str) -> None:
        if run_id not in self._mirrored:
            self._mirrored[run_id] = self._database.last_mirrored(run_id)
        try:
            entries, complete = self._journals.entries_since(run_id, self._mirrored[run_id])
        except JournalError as error:
            logger.error("not mirrored: %s", error)  # noqa: TRY400  # the message says it all
            self._finished.add(run_id)
            return
        if entries:
            self._database.insert(run_id, entries)
            self._mirrored[run_id] += len(entries)
        if complete:
            self._finished.add(run_id)
