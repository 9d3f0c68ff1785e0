"""The journals of runs that are looked at, read on from where they were read last."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from include.chaos.journal import JournalEntry, parse_journal
from include.console.agent import Agent

_MOST_HELD = 16


class WatchedJournals:
    """Entries of the runs that were asked for last, of this server's process; safe to share between threads."""

    def __init__(self, connect: Callable[[], Agent]) -> None:
        """Remember how to reach the agent."""
        self._connect = connect
        self._held: OrderedDict[str, tuple[JournalEntry, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, run_id: str) -> Sequence[JournalEntry]:
        """Give all of a run's entries so far; raise `AgentError` or `JournalError`."""
        with self._lock:
            held = self._held.get(run_id, ())
        text = self._connect().journal(run_id, after=len(held))
        entries = held + parse_journal(text, source=run_id, after=len(held)).entries
        self._hold(run_id, entries)
        return entries

    def _hold(self, run_id: str, entries: tuple[JournalEntry, ...]) -> None:
        with self._lock:
            self._held[run_id] = entries
            self._held.move_to_end(run_id)
            if len(self._held) > _MOST_HELD:
                self._held.popitem(last=False)
