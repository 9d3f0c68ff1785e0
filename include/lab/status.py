"""What each component of a lab is doing now."""

import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import psutil

from include.lab.component import Component
from include.lab.layout import LabHome
from include.lab.startup import ailment
from include.lab.supervision import STOPPED_STATES, Program

_TIME = re.compile(r"[0-9]{1,13}(\.[0-9]*)?")


class State(StrEnum):
    """What a component is doing."""

    HEALTHY = "healthy"
    STARTING = "starting"
    HELD = "held"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentStatus:
    """One component, seen at one moment."""

    name: str
    state: State
    pid: int | None = None
    port: int | None = None
    uptime: timedelta | None = None
    reason: str | None = None
    """Why it is not healthy."""


def observe(home: LabHome, components: Sequence[Component], programs: dict[str, Program]) -> list[ComponentStatus]:
    """Look at all components at once; `programs` is empty when the supervisor does not run."""
    if not components:
        return []
    with ThreadPoolExecutor(max_workers=len(components)) as pool:
        return list(pool.map(lambda c: _observe(home, c, programs.get(c.name)), components))


def _observe(home: LabHome, component: Component, program: Program | None) -> ComponentStatus:
    if program is None or program.state in STOPPED_STATES:
        return ComponentStatus(name=component.name, state=State.DOWN, port=component.port)
    held = program.pid is not None and is_waiting(program.pid, home.hold_of(component.name))
    reason = "held down by its hold file" if held else ailment(component, program)
    return ComponentStatus(
        name=component.name,
        state=State.HELD if held else State.STARTING if reason else State.HEALTHY,
        pid=program.pid,
        port=component.port,
        uptime=datetime.now(UTC).replace(microsecond=0) - program.started_at,
        reason=reason,
    )


def is_waiting(pid: int, hold_file: Path) -> bool:
    """Tell a launcher that waits for a hold to end from the server that replaces it."""
    return is_held(hold_file, now=time.time()) and _is_launcher(pid, hold_file)


def is_held(hold_file: Path, *, now: float) -> bool:
    """Tell whether a hold file's deadline lies ahead; the launcher's own rule."""
    try:
        deadline = hold_file.read_text(errors="replace").strip()
    except OSError:
        return False
    return _TIME.fullmatch(deadline) is not None and float(deadline) > now


def _is_launcher(pid: int, hold_file: Path) -> bool:
    try:
        return str(hold_file) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
