"""What a lab is made of: a supervised process each, with what it needs and how to see that it is healthy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

Check = Callable[[datetime], None]
"""Raise `LabError` with the reason unless the component, started at the given time, is healthy."""


def nothing() -> None:
    """Do nothing: the default preparation and provision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One supervised process; `name` is its program's name, `component` what chaos targets name."""

    name: str
    component: str
    port: int | None
    command: tuple[str, ...] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    check: Check
    needs: tuple[str, ...] = ()
    """Components that must be healthy before this one is prepared."""
    prepare: Callable[[], None] = nothing
    """Run before the process starts, each time; must be quick when there is nothing to do."""
    provision: Callable[[], None] = nothing
    """Run once the process is healthy, each time."""
    stop_signal: str = "TERM"
    data_folder: Path | None = None
    """Where it keeps what outlives it, if anything."""
    patience: float = 180.0
    """Seconds after which a start has failed; far more than one takes, for a busy machine is no failure."""


class Phase(StrEnum):
    """Where a component is on its way up."""

    WAITING = "waiting"
    PREPARING = "preparing"
    STARTING = "starting"
    HEALTHY = "healthy"
    FAILED = "failed"


class Progress(Protocol):
    """Told of each change of phase, from several threads."""

    def __call__(self, name: str, phase: Phase, seconds: float) -> None:
        """Component `name` entered `phase`, `seconds` after the start began."""


def silent(name: str, phase: Phase, seconds: float) -> None:
    """Tell nobody: the default `Progress`."""
