"""What has been answered before: bounded, the least recently used goes first."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from include.webapp.model import Stamp

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Generic[T]):
    """A value, the publication that it was read under, and when."""

    value: T
    stamp: Stamp
    at: datetime


class Memory(Generic[T]):
    """At most so many values by their keys; safe to share between threads."""

    def __init__(self, limit: int) -> None:
        """Hold nothing yet."""
        self._limit = limit
        self._kept: OrderedDict[Hashable, Kept[T]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._kept)

    def recall(self, key: Hashable) -> Kept[T] | None:
        """Give what is kept under the key, and keep it longer."""
        with self._lock:
            if kept := self._kept.get(key):
                self._kept.move_to_end(key)
            return kept

    def keep(self, key: Hashable, kept: Kept[T]) -> None:
        """Keep a value; the one not asked for longest makes room."""
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
