"""The journal: append-only JSON lines with sequence numbers and checksums, one file an experiment run.

A line is the entry's JSON with a last field `crc`, the CRC-32 of the JSON without it. A last line that a crash tore is
dropped when reading, and said; anything else out of order is an error, for a verdict must not rest on a gap.
"""

import os
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from include.chaos.events import Event
from include.chaos.model import Model, Moment
from include.errors import JournalError


def _checksum(payload: str) -> str:
    """Give the end of a line: the field `crc` of the payload, and the brace that closes the object."""
    return f',"crc":"{zlib.crc32(payload.encode()):08x}"}}'


_CHECKSUM_LENGTH = len(_checksum(""))

_TAIL_BYTES = 4096


class JournalEntry(Model):
    """One thing seen: `at` is wall time, `mono` the machine's monotonic clock in seconds, for durations."""

    seq: int
    at: Moment
    mono: float
    body: Event

    def to_line(self) -> str:
        """Write the entry as one checksummed JSON line, with its newline."""
        payload = self.model_dump_json()
        return payload[:-1] + _checksum(payload) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "JournalEntry":
        """Read what `to_line` wrote; raise `JournalError` when the line is not whole."""
        payload = line[:-_CHECKSUM_LENGTH] + "}"
        if line[-_CHECKSUM_LENGTH:] != _checksum(payload):
            raise JournalError("checksum does not match")
        try:
            return cls.model_validate_json(payload)
        except ValidationError as error:
            raise JournalError(f"not a journal entry: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The entries of a journal, and how many bytes of a torn last line were left out."""

    entries: tuple[JournalEntry, ...]
    torn_bytes: int


def parse_journal(text: str, *, source: str, after: int = 0) -> Reading:
    """Read a journal's text from entry `after` on; raise `JournalError` naming `source` and what is wrong in it."""
    *lines, tail = text.split("\n")
    entries: list[JournalEntry] = []
    for number, line in enumerate(lines, start=after + 1):
        try:
            entry = JournalEntry.from_line(line)
        except JournalError as error:
            if number == after + len(lines) and not tail:
                return Reading(entries=tuple(entries), torn_bytes=len(line.encode()) + 1)
            raise JournalError(f"{source}:{number}: {error}; the journal was changed or damaged") from error
        if entry.seq != number:
            raise JournalError(f"{source}:{number}: expected entry {number}, found {entry.seq}; entries are missing")
        entries.append(entry)
    return Reading(entries=tuple(entries), torn_bytes=len(tail.encode()))


def read_journal(path: Path) -> Reading:
    """Read a journal file; raise `JournalError` when it is missing, damaged or has a gap."""
    try:
        return parse_journal(path.read_text(encoding="utf8", errors="replace"), source=str(path))
    except OSError as error:
        raise JournalError(f"{path}: cannot be read: {error}") from error


def read_last_entry(path: Path) -> JournalEntry | None:
    """Read the last entry of a journal without the others; None where the end of the file is not a whole short line."""
    try:
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _TAIL_BYTES, 0))
            *_, line, rest = [b"", *file.read().split(b"\n")]
    except OSError:
        return None
    try:
        return None if rest else JournalEntry.from_line(line.decode(errors="replace"))
    except JournalError:
        return None


class Clock(Protocol):
    """Wall and monotonic time, injected so that tests need not wait."""

    def now(self) -> datetime:
        """Give the wall time, with zone UTC."""
        ...

    def monotonic(self) -> float:
        """Give the monotonic clock in seconds."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Give the wall time, with zone UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give the monotonic clock in seconds; on Linux it is shared by all processes since boot."""
        return time.monotonic()


Listener = Callable[[JournalEntry], None]


class JournalWriter:
    """Append entries to one journal file. Safe to share between threads; there must be one writer a file.

    Opening an existing journal continues it: a torn last line is cut off, and numbering goes on.
    """

    def __init__(self, path: Path, *, clock: Clock, listener: Listener | None = None) -> None:
        """Open or create the journal at `path`; `listener` hears each entry after it is written."""
        self._clock = clock
        self._listener = listener
        self._lock = threading.Lock()
        self._entries = self._take_over(path)
        self._file = path.open("ab", buffering=0)
        self._length = path.stat().st_size

    @staticmethod
    def _take_over(path: Path) -> list[JournalEntry]:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            _fsync_folder(path.parent)
            return []
        reading = read_journal(path)
        if reading.torn_bytes:
            os.truncate(path, path.stat().st_size - reading.torn_bytes)
        return list(reading.entries)

    @property
    def entries(self) -> tuple[JournalEntry, ...]:
        """Everything written so far."""
        with self._lock:
            return tuple(self._entries)

    def since(self, seq: int) -> tuple[JournalEntry, ...]:
        """Give the entries after number `seq`."""
        with self._lock:
            return tuple(self._entries[seq:])

    def append(self, body: Event, *, durable: bool = True) -> JournalEntry:
        """Write one entry; with `durable` it is on disk when this returns (samples need not be)."""
        with self._lock:
            entry = JournalEntry(
                seq=len(self._entries) + 1, at=self._clock.now(), mono=self._clock.monotonic(), body=body
            )
            self._write(entry.to_line().encode(), durable=durable)
            self._entries.append(entry)
        if self._listener:
            self._listener(entry)
        return entry

    def close(self) -> None:
        """Flush and close the file."""
        with self._lock:
            if not self._file.closed:
                os.fsync(self._file.fileno())
                self._file.close()

    def _write(self, line: bytes, *, durable: bool) -> None:
        """Write a line whole or not at all: half a line that a full disk left would spoil all that follows it."""
        written = 0
        try:
            while written < len(line):
                written += self._file.write(line[written:]) or 0
            if durable:
                os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(self._length)
            raise
        self._length += len(line)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
