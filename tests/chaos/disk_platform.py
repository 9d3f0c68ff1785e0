"""A platform of which the state is files, so that it outlives the agent that acted on it."""

import signal
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from include.chaos.model import Target, TargetInstance
from include.errors import PlatformError


class DiskPlatform:
    """One process, of which `down` and `held` are files, as are orders at failpoints; the hooks hear of changes."""

    def __init__(
        self,
        folder: Path,
        before_act: Callable[[str], None] = lambda _act: None,
        after_act: Callable[[str], None] = lambda _act: None,
    ) -> None:
        self.folder = folder
        self._down = folder / "down"
        self._held = folder / "held"
        self._before_act = before_act
        self._after_act = after_act

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left injected."""
        return not any(path.exists() for path in (self._down, self._held)) and not list(self.folder.rglob("armed"))

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        return (TargetInstance(name="warehouse", component=target.component, pid=7, started_at=1.0),)

    def resolve_spawned(self, target: Target, tasks: Mapping[str, int]) -> tuple[TargetInstance, ...]:
        return (TargetInstance(name="executor", component=target.component, pid=7, started_at=1.0),)

    def ability(self, wanted: type[object]) -> "DiskPlatform":
        return self

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        if self._down.exists():
            raise PlatformError("warehouse: not running")
        return instance

    def hold_down(self, instance: TargetInstance, until: datetime) -> None:
        self._act("hold", self._held.touch)

    def signal_process(self, instance: TargetInstance, number: signal.Signals) -> None:
        self._act("signal", self._down.touch)

    def lift_hold(self, instance: TargetInstance) -> None:
        self._act("lift", lambda: self._held.unlink(missing_ok=True))

    def is_running(self, instance: TargetInstance) -> bool:
        return not self._down.exists()

    def await_running(self, instance: TargetInstance) -> None:
        if self._held.exists():
            raise PlatformError("warehouse: held down")
        self._act("start", lambda: self._down.unlink(missing_ok=True))

    def _act(self, name: str, change: Callable[[], None]) -> None:
        self._before_act(name)
        change()
        self._after_act(name)
