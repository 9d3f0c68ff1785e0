"""What a person does next, derived from the verdict's reasons and from nothing else. Pure.

A new reason of the judge gets a line in `ADVICE`. One that has none is shown without advice, for none is invented.
"""

import re
from typing import ClassVar

from include.chaos.model import VerdictValue
from include.chaos.reports.advice import ADVICE, CLOSING, OPEN
from include.chaos.reports.judgement import Judgement
from include.chaos.reports.section import Part, Section, Text


class Advice(Part):
    """One reason, and what to do about it; nothing where nothing can be derived."""

    reason: Text
    do: tuple[Text, ...]


class Mending(Section):
    """Advice in the order of the reasons; `closing` is what holds whatever the reasons are."""

    heading: ClassVar = "What to do next"
    advice: tuple[Advice, ...]
    closing: Text


_PREFIX = re.compile(r"^(?:Besides: )?(?:Strike [a-z0-9_]+: )?")


def read_mending(judgement: Judgement) -> Mending:
    """Derive advice from what was found, also from what was found besides."""
    closing = CLOSING[judgement.value] if judgement.is_closed else f"{OPEN}{CLOSING[judgement.value]}"
    found = [] if judgement.value is VerdictValue.PASSED else [*judgement.reasons]
    found += [note for note in judgement.notes if note.startswith("Besides: ")]
    return Mending(advice=tuple(map(advise, found)), closing=closing)


def advise(reason: str) -> Advice:
    """Give the advice that a reason calls for; rows can have gone wrong in several ways at once."""
    bare = _PREFIX.sub("", reason)
    fitting = tuple(do for pattern, do in ADVICE if re.match(pattern, bare))
    return Advice(reason=reason, do=fitting if _is_about_rows(bare) else fitting[:1])


def _is_about_rows(reason: str) -> bool:
    return re.search(r"\(of \d+ expected rows\)", reason) is not None
