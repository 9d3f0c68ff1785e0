"""What is known of every run there ever was, without reading every journal whenever somebody asks.

A summary is kept for the journal's size and time of change, in memory and in a file beside the journals: a journal is
read again only when it has changed. The file is a cache; whoever deletes it loses nothing but time.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from include.chaos.journal import read_journal
from include.chaos.model import Model
from include.chaos.run_summary import RunSummary, summarise
from include.errors import JournalError

logger = logging.getLogger("chaos.index")

READ_FOR = 0.25
"""Seconds that one look may spend on reading journals; what is unread then is read in the background."""

PAUSE = 0.25
"""Seconds between two looks in the background: strikes need the processor more."""

_SETTLED_NS = 2 * 10**9
"""A folder that changed later than that before it was listed may have changed again in the same tick of its clock."""

_VERSION = 1
"""To be raised when a summary says something new: what was kept before is then read anew."""


class KeptSummary(Model):
    """One line of the cache: what a journal said when it had that size and that time of change."""

    version: int
    name: str
    size: int
    changed_at: int
    summary: RunSummary | None
    problem: str | None = None

    def is_of(self, found: os.stat_result) -> bool:
        """Tell whether the journal is still the one that was read."""
        return (self.size, self.changed_at) == (found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known at one moment, newest run first; `unread` counts the journals that nobody has read yet."""

    runs: tuple[RunSummary, ...]
    unread: int
    damaged: tuple[str, ...]
    generation: int


@dataclass(slots=True)
class RunIndex:
    """The summaries of all journals in a folder; safe to share between threads."""

    journals: Path
    cache: Path
    read_for: float = READ_FOR
    pause: float = PAUSE
    _kept: dict[str, KeptSummary] = field(default_factory=dict)
    _known: Known = field(default_factory=lambda: Known(runs=(), unread=0, damaged=(), generation=0))
    _is_loaded: bool = False
    _listed_at: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _reader: threading.Thread | None = None

    @property
    def known(self) -> Known:
        """What was known at the last look."""
        return self._known

    def look(self) -> Known:
        """Bring what is known up to date, as far as a moment allows, and give it."""
        known = self._update()
        with self._lock:
            if known.unread and not (self._reader and self._reader.is_alive()) and not self._stopped.is_set():
                self._reader = threading.Thread(target=self._read_on, name="run index", daemon=True)
                self._reader.start()
        return known

    def stop(self) -> None:
        """Read no more in the background."""
        self._stopped.set()
        if self._reader:
            self._reader.join()

    def _read_on(self) -> None:
        try:
            while self._update().unread and not self._stopped.wait(self.pause):
                pass
        except OSError:
            logger.exception("the journals cannot be listed")

    def _update(self) -> Known:
        with self._lock:
            self._load()
            found, is_whole = self._find()
            stale = [name for name, stat in found.items() if not self._is_fresh(name, stat)]
            gone = self._kept.keys() - found.keys() if is_whole else set()
            read = list(self._read(stale, found))
            for name in gone:
                del self._kept[name]
            self._keep(read)
            unread = len(stale) - len(read)
            if read or gone or self._known.unread != unread or not self._known.generation:
                self._known = self._conclude(unread=unread)
            return self._known

    def count_entries(self, experiment_run_id: str) -> int | None:
        """Tell how many entries a closed run's journal has; None where that is not known for certain."""
        kept = self._kept.get(f"{experiment_run_id}.jsonl")
        if kept is None or kept.summary is None or not kept.summary.is_closed:
            return None
        try:
            fresh = kept.is_of((self.journals / kept.name).stat())
        except OSError:
            return None
        return kept.summary.entries if fresh else None

    def _find(self) -> tuple[dict[str, os.stat_result], bool]:
        """Find the journals, or those alone that may have changed where none has come or gone; tell which."""
        changed_at = self.journals.stat().st_mtime_ns
        if changed_at == self._listed_at and not self._known.unread:
            return {name: (self.journals / name).stat() for name in self._unfinished()}, False
        self._listed_at = changed_at if time.time_ns() - changed_at > _SETTLED_NS else 0
        with os.scandir(self.journals) as folder:
            return {entry.name: entry.stat() for entry in folder if entry.name.endswith(".jsonl")}, True

    def _unfinished(self) -> list[str]:
        """Name what is known and may be written to: a closed run's journal is not."""
        return [name for name, kept in self._kept.items() if not (kept.summary and kept.summary.is_closed)]

    def _is_fresh(self, name: str, stat: os.stat_result) -> bool:
        kept = self._kept.get(name)
        return kept is not None and kept.is_of(stat)

    def _read(self, names: list[str], found: dict[str, os.stat_result]) -> Iterator[KeptSummary]:
        """Read the newest first, one at least."""
        until = time.monotonic() + self.read_for
        for name in sorted(names, key=lambda name: found[name].st_mtime_ns, reverse=True):
            self._kept[name] = kept = _summarise(self.journals / name, found[name])
            yield kept
            if time.monotonic() > until:
                return

    def _conclude(self, *, unread: int) -> Known:
        runs = [kept.summary for kept in self._kept.values() if kept.summary]
        return Known(
            runs=tuple(sorted(runs, key=lambda run: run.opened_at, reverse=True)),
            unread=unread,
            damaged=tuple(kept.problem for kept in self._kept.values() if kept.problem),
            generation=self._known.generation + 1,
        )

    def _load(self) -> None:
        if self._is_loaded:
            return
        self._is_loaded = True
        lines = self.cache.read_text(encoding="utf8").splitlines() if self.cache.exists() else []
        self._kept = {kept.name: kept for line in lines if (kept := _parse(line))}
        if len(lines) > 2 * len(self._kept):
            self.cache.unlink()
            self._keep(list(self._kept.values()))

    def _keep(self, read: list[KeptSummary]) -> None:
        """Write down what will not change any more; a disk that is full costs time only."""
        lines = [f"{kept.model_dump_json()}\n" for kept in read if kept.summary and kept.summary.is_closed]
        if not lines:
            return
        try:
            with self.cache.open("a", encoding="utf8") as file:
                file.write("".join(lines))
        except OSError:
            self.cache.unlink(missing_ok=True)


def _summarise(path: Path, stat: os.stat_result) -> KeptSummary:
    summary, problem = None, None
    try:
        if entries := read_journal(path).entries:
            summary = summarise(entries)
    except JournalError as error:
        problem = str(error)
    return KeptSummary(
        version=_VERSION,
        name=path.name,
        size=stat.st_size,
        changed_at=stat.st_mtime_ns,
        summary=summary,
        problem=problem,
    )


def _parse(line: str) -> KeptSummary | None:
    try:
        kept = KeptSummary.model_validate_json(line)
    except ValidationError:
        return None
    return kept if kept.version == _VERSION else None
