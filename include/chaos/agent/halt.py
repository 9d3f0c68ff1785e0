"""The halt: while it is on, nothing is armed or injected. It is a file, so that it outlives the agent.

A file that cannot be read halts too: when in doubt, nothing is broken on purpose.
"""

import threading
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from include.chaos.agent.durable_file import remove_durably, write_durably
from include.chaos.model import Model, Moment
from include.errors import GuardrailError


class HaltState(Model):
    """Why and since when the agent is halted."""

    reason: str
    since: Moment


class HaltSwitch:
    """The halt of one agent; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier agent left."""
        self._path = path
        self._lock = threading.Lock()
        self._state = _read(path)

    @property
    def state(self) -> HaltState | None:
        """Give the halt, or None when there is none."""
        with self._lock:
            return self._state

    def turn_on(self, reason: str, now: datetime) -> HaltState:
        """Forbid from now on; a halt that is on already is explained anew. It holds even when the disk is full."""
        with self._lock:
            self._state = HaltState(reason=reason, since=now)
            write_durably(self._path, self._state.model_dump_json() + "\n")
            return self._state

    def turn_off(self) -> None:
        """Forbid no more."""
        with self._lock:
            remove_durably(self._path)
            self._state = None

    def require_off(self) -> None:
        """Raise `GuardrailError` while the halt is on."""
        if state := self.state:
            raise GuardrailError(
                f"halted since {state.since:%Y-%m-%d %H:%M:%S} UTC: {state.reason}. `chaos-control resume` lifts it"
            )


def _read(path: Path) -> HaltState | None:
    try:
        return HaltState.model_validate_json(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        since = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        return HaltState(reason=f"{path} cannot be read ({type(error).__name__})", since=since)
