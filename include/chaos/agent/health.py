"""How the agent is: whether it strikes, what it holds and knows, and whether its disk has room for a journal."""

import os
import shutil
from datetime import UTC, datetime

from include.chaos.agent.halt import HaltState
from include.chaos.agent.registry import Registry
from include.chaos.model import Model, Moment


class Health(Model):
    """The agent is there, how many experiment runs it holds open, and why it does not strike, if it does not.

    `runs` are those of which it has read a summary; `unread` journals wait for that, `damaged` says why others do not.
    """

    open_runs: int
    halted: HaltState | None = None
    pid: int
    started_at: Moment
    now: Moment
    runs: int
    unread: int
    damaged: tuple[str, ...]
    free_bytes: int


class Vitals:
    """The health of this process, from when it was made on."""

    def __init__(self) -> None:
        """Begin."""
        self._started_at = datetime.now(UTC)

    def read(self, registry: Registry) -> Health:
        """Tell how the agent is; nothing is read for it that is not known already."""
        known = registry.archive.index.known
        return Health(
            open_runs=len(registry.open_runs()),
            halted=registry.halted,
            pid=os.getpid(),
            started_at=self._started_at,
            now=datetime.now(UTC),
            runs=len(known.runs),
            unread=known.unread,
            damaged=known.damaged,
            free_bytes=shutil.disk_usage(registry.archive.index.journals).free,
        )
