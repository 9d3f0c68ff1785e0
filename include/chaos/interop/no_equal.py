"""What is said of a thing in another tool's file that this project has no word for."""

from dataclasses import dataclass

from include.errors import ConfigurationError


class NoEqualError(ConfigurationError):
    """A part of a foreign file has no equal here; the message says why, and never holds a value that may be secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A part of a foreign file that was left out, and why."""

    where: str
    why: str

    def __str__(self) -> str:
        """Write it on one line."""
        return " ".join(f"{self.where}: {self.why}".split())
