"""`noop`: do nothing at all. The verdict on it is known, `not_exercised`; any other is a lie of the harness."""

from datetime import datetime
from typing import Literal

from include.chaos.events import InjectionPrepared
from include.chaos.model import Model, TargetInstance


class Noop(Model):
    """The null fault: everything is conducted as if it were one."""

    kind: Literal["noop"] = "noop"

    def inject(self, injection: InjectionPrepared, _platform: object) -> TargetInstance:
        """Touch nothing; give the instance as it was."""
        return injection.instance

    def extend(self, injection: InjectionPrepared, until: datetime, _platform: object) -> None:
        """Have nothing to extend."""

    def in_force(self, _injection: InjectionPrepared, _platform: object) -> bool:
        """Tell that nothing is there that could be lost."""
        return True

    def recover(self, injection: InjectionPrepared, _platform: object) -> None:
        """Have nothing to undo."""
