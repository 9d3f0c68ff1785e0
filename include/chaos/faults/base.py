"""What every fault kind is: parameters, and verbs that act through one ability of a platform."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar, get_args, get_origin

from include.chaos.events import InjectionPrepared, Saved
from include.chaos.model import Target, TargetInstance

A = TypeVar("A")


class Need(StrEnum):
    """What a kind needs of the machine that it acts on, beside what the project installs."""

    ROOT = "root"
    LIBFAKETIME = "libfaketime"
    STANDBY = "a standby"


class FaultKind(Generic[A]):
    """The verbs of one kind, for one instance; `A` is the Protocol of what it needs. Every verb may come twice.

    The kind's parameters are the fields of a pydantic model into which this is mixed.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()

    confirmed_by: ClassVar[str]
    """How the injector knows that it is done, in a few words."""

    without_agent: ClassVar[str]
    """How it ends when the agent is killed in the hold and none ever comes back, in a few words."""

    keeps_failpoint: ClassVar[bool] = False
    """Whether the process at the strike's failpoint waits on during the hold, instead of going on into the fault."""

    hinders_clients: ClassVar[bool] = True
    """Whether a client of what is struck cannot simply go on. False where every request is answered as ever, and only
    what it is about is odd: then no client has had to wait, to connect or to ask again."""

    strikes_again: ClassVar[bool] = False
    """Whether what comes in place of a struck instance is struck as well, through the hold."""

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # most kinds fit any target
        """Say why it cannot be done to this target for so long; None when it can."""
        return None

    def prepare(self, instance: TargetInstance, ability: A) -> Saved:  # noqa: ARG002  # what most kinds need to save
        """Give what undo needs and only the target knows; it is on disk before the act. Change nothing."""
        return {}

    def inject(self, injection: InjectionPrepared, ability: A) -> TargetInstance:
        """Do it, confirm that it is done, and give the instance as it was struck; raise `PlatformError` otherwise."""
        raise NotImplementedError

    def extend(self, injection: InjectionPrepared, until: datetime, ability: A) -> None:
        """Move the moment at which the fault ends by itself, where it has one."""

    def strike_again(self, successor: TargetInstance, ability: A) -> bool:
        """Strike what has come in place of a struck instance, if that is due; tell whether it was done.

        It leaves nothing behind that `recover` does not undo already.
        """
        raise NotImplementedError

    def in_force(self, injection: InjectionPrepared, ability: A) -> bool:
        """Tell whether the fault still stands."""
        raise NotImplementedError

    def recover(self, injection: InjectionPrepared, ability: A) -> None:
        """Undo it, and confirm that; a target that is gone is one that needs no undo."""
        raise NotImplementedError

    @classmethod
    def ability(cls) -> type[object]:
        """Give the Protocol through which the kind acts."""
        for kind in cls.__mro__:
            for base in getattr(kind, "__orig_bases__", ()):
                if get_origin(base) is FaultKind:
                    [ability] = get_args(base)
                    return ability if isinstance(ability, type) else object
        return object
