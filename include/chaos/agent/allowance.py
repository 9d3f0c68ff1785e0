"""An allowance of time: so many seconds for every second that passes, of which a few can be saved."""

import threading
from dataclasses import dataclass, field

from include.chaos.journal import Clock


@dataclass(slots=True, kw_only=True)
class Allowance:
    """Safe to share between threads. What is spent at once may be more than there is: it is saved up for afterwards."""

    clock: Clock
    share: float
    most: float
    _saved: float = field(init=False)
    _counted_at: float = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        """Begin with all that can be saved."""
        self._saved = self.most
        self._counted_at = self.clock.monotonic()

    def is_left(self) -> bool:
        """Tell whether something may be spent."""
        with self._lock:
            self._count()
            return self._saved > 0

    def spend(self, seconds: float) -> None:
        """Take off what was spent."""
        with self._lock:
            self._count()
            self._saved -= seconds

    def _count(self) -> None:
        now = self.clock.monotonic()
        self._saved = min(self.most, self._saved + self.share * (now - self._counted_at))
        self._counted_at = now
