"""One fault kind's scene in the contract suite: the fault, its target, what it acts through, and independent eyes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind
from include.chaos.model import Component, Target, TargetInstance
from include.chaos.platforms.local import LocalPlatform
from include.lab.lab import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallLab:
    """A real lab of a few servers, and the platform that acts on it; `folder` is the scene's own."""

    lab: Lab
    platform: LocalPlatform
    folder: Path

    def only(self, component: Component) -> TargetInstance:
        """Give the component's one instance."""
        (instance,) = self.platform.resolve(Target(component=component))
        return instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`is_struck` and `is_whole` look past the fault's own code.

    `remove` makes the target go for good, until `restore`; `replace` ends its processes, which others may start again.
    """

    fault: FaultKind[Any]
    instance: TargetInstance
    ability: Any
    is_struck: Callable[[], bool]
    is_whole: Callable[[], bool]
    remove: Callable[[], None]
    restore: Callable[[], None]
    replace: Callable[[], None]
    hold_for: timedelta = timedelta(seconds=20)
    can_be_gone: bool = True

    def prepared(self, hold_for: timedelta | None = None) -> InjectionPrepared:
        """Prepare an injection as the injector does."""
        lasting = self.hold_for if hold_for is None else hold_for
        return InjectionPrepared(
            injection_id=uuid4().hex,
            lease_id="lease",
            strike="strike",
            instance=self.instance,
            hold_for=lasting,
            hold_until=datetime.now(UTC) + lasting,
            saved=self.fault.prepare(self.instance, self.ability),
        )


Case = Callable[[SmallLab], AbstractContextManager[Scene]]
