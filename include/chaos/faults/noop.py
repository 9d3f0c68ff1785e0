"""`noop`: do nothing at all. The verdict on it is known, `not_exercised`; any other is a lie of the harness."""

from typing import ClassVar, Literal

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind
from include.chaos.model import Model, TargetInstance


class Noop(Model, FaultKind[object]):
    """The null fault: everything is conducted as if it were one."""

    confirmed_by: ClassVar[str] = "nothing is done"
    without_agent: ClassVar[str] = "there is nothing to end"
    hinders_clients: ClassVar[bool] = False

    kind: Literal["noop"] = "noop"

    def inject(self, injection: InjectionPrepared, _ability: object) -> TargetInstance:
        """Touch nothing; give the instance as it was."""
        return injection.instance

    def in_force(self, _injection: InjectionPrepared, _ability: object) -> bool:
        """Tell that nothing is there that could be lost."""
        return True

    def recover(self, injection: InjectionPrepared, _ability: object) -> None:
        """Have nothing to undo."""
