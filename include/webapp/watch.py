"""Whether the warehouse is there, and what it shows: looked at beside the requests, so that none waits to find out."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from include.webapp.model import Stamp
from include.webapp.warehouse import AwayError, Row, SlowError, UnpublishedError

LOOK_SECONDS = 1.0
"""While the warehouse is there: for so long at most, what is kept counts as current without being so."""

_AGAIN_SECONDS = 0.25
_BOUND_SECONDS = 0.5

_log = logging.getLogger(__name__)


class Asked(Protocol):
    """What this package asks of a warehouse."""

    def fetch(self, name: str, *, bound: float = ..., **parameters: object) -> list[Row]:
        """Run a statement and give all rows, or raise `AwayError`, `SlowError` or `UnpublishedError` in time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the last look saw: the publication, and since when the warehouse is away, if it is."""

    stamp: Stamp
    away_since: datetime | None = None


class Watch:
    """Looks at the warehouse, and is told by whoever misses it first."""

    def __init__(self, warehouse: Asked) -> None:
        """Know nothing before the first look."""
        self._warehouse = warehouse
        self._seen: Seen | None = None
        self._looked = threading.Event()
        self._missed = threading.Event()
        self._ended = False
        self._lock = threading.Lock()

    def seen(self, patience: float = _BOUND_SECONDS) -> Seen:
        """Give what was seen last; right after the start, wait for the first look."""
        self._looked.wait(patience)
        return self._seen or self.miss(TimeoutError("the first look has not ended"))

    def look(self) -> Seen:
        """Look now."""
        try:
            rows = self._warehouse.fetch("publication", bound=_BOUND_SECONDS)
        except UnpublishedError:
            return self._find(Stamp())
        except (AwayError, SlowError) as error:
            return self.miss(error)
        return self._find(Stamp(manifest_id=rows[0][0], published_at=rows[0][1]) if rows else Stamp())

    def miss(self, why: Exception) -> Seen:
        """Note that the warehouse does not answer."""
        with self._lock:
            known = self._seen or Seen(stamp=Stamp())
            if known.away_since is None:
                known = Seen(stamp=known.stamp, away_since=datetime.now(UTC))
                _log.warning("the warehouse does not answer (%s); answering from memory", why)
                self._missed.set()
            return self._note(known)

    def run(self, found: Callable[[], None]) -> None:
        """Look until it is ended; `found` is called after each look that finds the warehouse there."""
        while not self._ended:
            self._missed.clear()
            if self.look().away_since is None:
                found()
                self._missed.wait(LOOK_SECONDS)
            else:
                time.sleep(_AGAIN_SECONDS)

    def end(self) -> None:
        """Have `run` return."""
        self._ended = True
        self._missed.set()

    def _find(self, stamp: Stamp) -> Seen:
        with self._lock:
            if self._seen and self._seen.away_since:
                _log.warning("the warehouse answers again")
            return self._note(Seen(stamp=stamp))

    def _note(self, seen: Seen) -> Seen:
        self._seen = seen
        self._looked.set()
        return seen
