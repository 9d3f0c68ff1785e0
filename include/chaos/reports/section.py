"""What the parts of a report have in common. Pure.

A new section is a `Section` in a file of its own, a field of `Report`, and a partial in each of the rendering's folders
of templates, named after the field.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import AfterValidator, ConfigDict

from include.chaos.model import Model

_CREDENTIALS = re.compile(r"(?P<kept>://[^\s/:@]*:)[^\s/@]+(?=@)")
_ASSIGNED = re.compile(
    r"(?i)(?P<kept>[\w-]*(?:password|passwd|secret|token|api_key)[\w-]*[\"']?\s*[=:]\s*[\"']?)[^\s,;&\"']+"
)
_SECRET_NAME = re.compile(r"(?i)password|passwd|secret|token|credential|api_?key|private_?key")
HIDDEN = "(hidden)"


def scrub(text: str) -> str:
    """Hide what looks like a password: a report is passed around, other than the journal that it is read from."""
    for pattern in (_CREDENTIALS, _ASSIGNED):
        text = pattern.sub(rf"\g<kept>{HIDDEN}", text)
    return text


def is_secret(name: str) -> bool:
    """Tell whether a parameter of that name should not be shown."""
    return _SECRET_NAME.search(name) is not None


Text = Annotated[str, AfterValidator(scrub)]
"""A text that somebody else wrote: an error, a reason, a name."""


class Part(Model):
    """Anything within a section. Durations are seconds in JSON."""

    model_config = ConfigDict(ser_json_timedelta="float")


class Section(Part):
    """One part of a report, with its heading."""

    heading: ClassVar[str]


def say(duration: timedelta | None) -> str:
    """Write a duration to a tenth of a second; one that was not seen is said to be so, never zero."""
    return "not seen" if duration is None else f"{duration.total_seconds():,.1f} s"


def say_share(part: float | None) -> str:
    """Write a share as percent; all and nothing only where it is all or nothing."""
    if part is None:
        return "no look"
    if part in (0, 1):
        return f"{part:.0%}"
    return f"{min(max(part, 0.001), 0.999):.1%}"


def enumerate_words(words: Sequence[str]) -> str:
    """Write `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def counted(count: int, one: str, many: str | None = None) -> str:
    """Write `1 look` or `1,200 looks`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
