"""How an agent comes to know all runs.

Where it has never read them, and where an earlier agent has. It answers meanwhile, newest runs first, and says how many
are missing.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.lines import Line
from include.chaos.agent.archive import is_closed_for_certain
from include.chaos.agent.run_index import RunIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowingScope:
    """Where the journals lie."""

    journals: Path


def measure(scope: KnowingScope) -> Iterator[Line]:
    """Read all journals, then what was kept of them, then only their ends."""
    cache = scope.journals.parent / "run_summaries.jsonl"
    cache.unlink(missing_ok=True)
    yield _timed("all journals, read for the first time", lambda: _know(scope, cache), bound=120)
    yield _timed("what an earlier agent kept", lambda: _know(scope, cache), bound=5)
    yield _timed("which runs are over, at the start", lambda: _count_closed(scope), bound=5)


def _timed(what: str, read: Callable[[], int], *, bound: float) -> Line:
    began = time.perf_counter()
    runs = read()
    took = time.perf_counter() - began
    return Line(what=what, ours=f"{took:,.1f} s for {runs:,}", target=f"< {bound:g} s", met=took < bound)


def _know(scope: KnowingScope, cache: Path) -> int:
    return len(RunIndex(scope.journals, cache, read_for=3600).look().runs)


def _count_closed(scope: KnowingScope) -> int:
    return sum(map(is_closed_for_certain, scope.journals.glob("*.jsonl")))
