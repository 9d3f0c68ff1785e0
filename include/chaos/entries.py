"""Ask a journal's entries for events of one kind. Pure."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from include.chaos.journal import JournalEntry
from include.chaos.steadiness import Instant

B = TypeVar("B")


def bodies(entries: Iterable[JournalEntry], kind: type[B]) -> list[B]:
    """Give all events of a kind, in order."""
    return [entry.body for entry in entries if isinstance(entry.body, kind)]


def first(entries: Iterable[JournalEntry], kind: type[B]) -> B | None:
    """Give the first event of a kind."""
    return next((entry.body for entry in entries if isinstance(entry.body, kind)), None)


def last(entries: Sequence[JournalEntry], kind: type[B]) -> B | None:
    """Give the last event of a kind."""
    return first(reversed(entries), kind)


def first_instant(entries: Iterable[JournalEntry], kind: type[B]) -> Instant | None:
    """Tell when the first event of a kind was written."""
    return next((Instant.of(entry) for entry in entries if isinstance(entry.body, kind)), None)


def last_instant(entries: Sequence[JournalEntry], kind: type[B]) -> Instant | None:
    """Tell when the last event of a kind was written."""
    return first_instant(reversed(entries), kind)
