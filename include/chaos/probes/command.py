"""`command`: run a program, and look at its exit code or at what it prints. Never through a shell."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal, Protocol, Self

from pydantic import Field, model_validator

from include.chaos.model import Measurement
from include.chaos.probes.base import SEEN_LIMIT, Every, ProbeBase
from include.chaos.tolerances import Value
from include.errors import PlatformError


class CommandPart(StrEnum):
    """What of a finished program is looked at."""

    EXIT_CODE = "exit_code"
    STDOUT = "stdout"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnd:
    """How a program ended."""

    exit_code: int
    stdout: str


class CommandRunner(Protocol):
    """What `command` needs of a platform."""

    def run(self, arguments: tuple[str, ...], *, variables: tuple[str, ...], timeout: float, limit: int) -> CommandEnd:
        """Run to the end, with few variables beside those named; kill it when late or too talkative.

        Raises `PlatformError` when it cannot be started, takes longer than `timeout` seconds or prints over `limit`.
        """
        ...


class CommandProbe(ProbeBase):
    """The exit code, or what was printed without the white space around it, as text or as the number that it is."""

    kind: Literal["command"]
    command: tuple[str, ...] = Field(min_length=1, description="the program and its arguments, one list item each")
    variables: tuple[str, ...] = Field(
        default=(), description="names of the agent's environment variables to hand on, beside PATH, HOME and LANG"
    )
    read: CommandPart = Field(
        default=CommandPart.EXIT_CODE,
        description="the value: the exit code, what it prints, or the number that it prints",
    )
    every: Every = timedelta(milliseconds=500)

    @model_validator(mode="after")
    def _text_has_no_bounds(self) -> Self:
        if self.read is CommandPart.STDOUT and self.tolerance.needs_number:
            raise ValueError("the tolerance is for a number, and `read: stdout` gives text; expected `read: number`")
        return self

    def measure(self, commands: CommandRunner, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: self._see(commands), baseline)

    def _see(self, commands: CommandRunner) -> Value:
        end = commands.run(self.command, variables=self.variables, timeout=self.patience, limit=SEEN_LIMIT)
        match self.read:
            case CommandPart.EXIT_CODE:
                return end.exit_code
            case CommandPart.STDOUT:
                return end.stdout.strip()
            case CommandPart.NUMBER:
                return _number(end.stdout)


def _number(printed: str) -> float:
    try:
        return float(printed)
    except ValueError as error:
        raise PlatformError(f"expected a number to be printed, got {printed.strip()[:100]!r}") from error
