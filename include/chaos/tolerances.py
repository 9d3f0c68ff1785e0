"""What a probe's value must be to count as healthy. Pure, so that each look can be judged again from its journal."""

import json
import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from include.chaos.model import Model

Value = float | str | bool | None
"""What a probe can see; None is "nothing was seen", which no tolerance accepts."""

_STEP = re.compile(r"""(?:^|\.)(?P<key>[^.\[\]"]+)|\[(?P<index>\d+)\]|\["(?P<quoted>[^"]*)"\]""")


def _require_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"expected a regular expression; {error}") from error
    return pattern


def _require_json_path(path: str) -> str:
    _steps_of(path)
    return path


Pattern = Annotated[str, AfterValidator(_require_pattern)]
JsonPath = Annotated[str, AfterValidator(_require_json_path)]


class Bounds(Model):
    """A least and a greatest number; one of them may be left open."""

    at_least: float | None = Field(default=None, description="the least healthy value")
    at_most: float | None = Field(default=None, description="the greatest healthy value")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        fields = type(self).model_fields
        if all(getattr(self, name) is None for name, field in fields.items() if not field.is_required()):
            words = ", ".join(f"`{name}`" for name, field in fields.items() if not field.is_required())
            raise ValueError(f"expected at least one of {words}")
        _require_order(self.at_least, self.at_most)
        return self

    def holds(self, number: float, *, unit: float = 1.0) -> bool:
        """Tell whether a number lies within the bounds, which count in multiples of `unit`."""
        return (self.at_least is None or number >= self.at_least * unit) and (
            self.at_most is None or number <= self.at_most * unit
        )


class ValueTolerance(Bounds):
    """What can be asked of a value by itself; everything that is said must hold."""

    equals: float | str | bool | None = Field(default=None, description="the one healthy value, of the same type")
    range: tuple[float, float] | None = Field(default=None, description="[low, high], both healthy")
    regex: Pattern | None = Field(default=None, description="must be found in the value's text")

    @model_validator(mode="after")
    def _range_is_ordered(self) -> Self:
        _require_order(*(self.range or (None, None)))
        return self

    def _accepts_alone(self, value: Value) -> bool:
        return (
            value is not None
            and (self.equals is None or _equal(value, self.equals))
            and (self.regex is None or re.search(self.regex, _text_of(value)) is not None)
            and self._within_bounds(number_of(value))
        )

    def _within_bounds(self, number: float | None) -> bool:
        if self.range is None and self.at_least is None and self.at_most is None:
            return True
        if number is None:
            return False
        return self.holds(number) and (self.range is None or self.range[0] <= number <= self.range[1])


class JsonTolerance(ValueTolerance):
    """What a place in a JSON text must hold, e.g. `path: metadatabase.status` with `equals: healthy`."""

    path: JsonPath = Field(description='keys and indexes: `a.b[0].c`, `a["odd.key"]`; a leading `$.` may be there')

    def accepts(self, value: Value) -> bool:
        """Tell whether the text is JSON, has the path, and holds there what it should."""
        try:
            found = _find(json.loads(str(value)), self.path)
        except (ValueError, LookupError):
            return False
        return isinstance(found, float | int | str) and self._accepts_alone(found)


class Tolerance(ValueTolerance):
    """What a probe's value must be for the system to count as healthy; everything that is said must hold."""

    ratio_to_baseline: Bounds | None = Field(
        default=None, description="bounds in multiples of the probe's median before the strike"
    )
    json_path: JsonTolerance | None = Field(default=None, description="what a place in a JSON text must hold")

    @property
    def needs_number(self) -> bool:
        """Tell whether only a number can be healthy."""
        asked = (self.range, self.at_least, self.at_most, self.ratio_to_baseline)
        is_numeral = number_of(self.equals) is not None
        return is_numeral or any(bound is not None for bound in asked)

    def accepts(self, value: Value, *, baseline: float | None = None) -> bool:
        """Tell whether a measured value is healthy; nothing measured never is.

        `baseline` is the probe's median before the strike; None while that is being measured, when any number will do.
        """
        return (
            self._accepts_alone(value)
            and (self.json_path is None or self.json_path.accepts(value))
            and (self.ratio_to_baseline is None or self._near_baseline(self.ratio_to_baseline, value, baseline))
        )

    @staticmethod
    def _near_baseline(ratio: Bounds, value: Value, baseline: float | None) -> bool:
        number = number_of(value)
        return number is not None and (baseline is None or ratio.holds(number, unit=baseline))


def number_of(value: Value) -> float | None:
    """Give the value if it is a number; true and false are none."""
    return value if isinstance(value, float | int) and not isinstance(value, bool) else None


def _equal(one: float | str | bool, other: float | str | bool) -> bool:  # noqa: FBT001  # values, not switches
    """Compare; true is not 1, although Python says so."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _require_order(low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low > high:
        raise ValueError(f"expected the lower bound first, got {low:g} > {high:g}")


def _text_of(value: float | str | bool) -> str:  # noqa: FBT001  # the measured value, not a switch
    """Write a value as YAML and JSON would: `true`, `200`, `0.5`."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:.15g}"


def _find(found: JsonValue, path: str) -> JsonValue:
    """Follow a path; raise `LookupError` where it leads nowhere."""
    for step in _steps_of(path):
        match found, step:
            case (dict(), str()) | (list(), int()):
                found = found[step]  # type: ignore[index]  # the cases pair them rightly
            case _:
                raise LookupError(f"nothing at {step!r}")
    return found


def _steps_of(path: str) -> list[str | int]:
    """Cut a path into keys and indexes; raise `ValueError` when it is none."""
    rest = path.removeprefix("$")
    steps: list[str | int] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None:
            raise ValueError(f"expected a path such as `a.b[0].c`, got {path!r}; `{rest[at:]}` is no key or index")
        key, index, quoted = found.group("key", "index", "quoted")
        steps.append(int(index) if index is not None else key if key is not None else quoted)
        at = found.end()
    if not steps:
        raise ValueError(f"expected a path such as `a.b[0].c`, got {path!r}")
    return steps
