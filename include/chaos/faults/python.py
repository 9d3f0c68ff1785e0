"""`python`: call a function of somebody's own, or of a Chaos Toolkit extension, and others to undo it.

An act here must be undone by whoever is left, from what is written down before it. A bare function promises nothing of
the kind, so the file says which functions undo it; they must bear being called again, and being called for nothing.
"""

from datetime import timedelta
from typing import ClassVar, Literal, Protocol, Self

from pydantic import Field, JsonValue, model_validator

from include.chaos.events import InjectionPrepared
from include.chaos.faults.base import FaultKind
from include.chaos.model import Duration, Model, TargetInstance
from include.errors import PlatformError


class PythonCall(Model):
    """One call: `module.func(**arguments)`."""

    module: str = Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")
    func: str = Field(pattern=r"^[A-Za-z_]\w*$")
    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    configuration: dict[str, JsonValue] = Field(
        default_factory=dict, description="handed to a function that has a parameter of this name"
    )


class PythonCaller(Protocol):
    """The calling of functions, each in a process of its own."""

    def call(self, call: PythonCall, timeout: timedelta) -> JsonValue:
        """Give what the function gives; raise `PlatformError` when it is not allowed, raises, hangs or is not there."""
        ...


class Python(Model, FaultKind[PythonCaller]):
    """Call functions of an allowed Python module to do it, to see it, and to undo it."""

    confirmed_by: ClassVar[str] = "the function returned; `confirm`, where given, says true"
    without_agent: ClassVar[str] = "it does not: only an agent calls what undoes it"

    kind: Literal["python"] = "python"
    inject_by: PythonCall
    confirm: PythonCall | None = Field(default=None, description="gives true while the fault stands")
    recover_by: tuple[PythonCall, ...] = Field(
        default=(), description="what undoes it, in order; each must bear being called again, and for nothing"
    )
    nothing_to_undo: bool = Field(default=False, description="says that there is nothing to undo, instead of how")
    timeout: Duration = Field(default=timedelta(seconds=30), description="of each call")

    @model_validator(mode="after")
    def _says_how_it_is_undone(self) -> Self:
        if bool(self.recover_by) == self.nothing_to_undo:
            raise ValueError("expected either `recover_by`, with what undoes it, or `nothing_to_undo: true`")
        return self

    def inject(self, injection: InjectionPrepared, ability: PythonCaller) -> TargetInstance:
        """Call the function, and have it confirmed."""
        ability.call(self.inject_by, self.timeout)
        if not self.in_force(injection, ability):
            raise PlatformError(f"{self.inject_by.module}.{self.inject_by.func} returned, but nothing is seen of it")
        return injection.instance

    def in_force(self, _injection: InjectionPrepared, ability: PythonCaller) -> bool:
        """Ask `confirm`; without one nobody can tell, and nobody is accused."""
        return self.confirm is None or ability.call(self.confirm, self.timeout) is True

    def recover(self, _injection: InjectionPrepared, ability: PythonCaller) -> None:
        """Call what undoes it, in order."""
        for call in self.recover_by:
            ability.call(call, self.timeout)
