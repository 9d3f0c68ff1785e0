"""Leave looks out of a plot without changing what it shows. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Protocol, TypeVar


class Drawn(Protocol):
    """What a plot shows of a look."""

    @property
    def at(self) -> datetime:
        """When."""
        ...

    @property
    def ok(self) -> bool:
        """Whether it was healthy."""
        ...

    @property
    def value(self) -> float | None:
        """The number that was seen, if it was one."""
        ...

    @property
    def latency(self) -> float:
        """How long it took, in seconds."""
        ...


L = TypeVar("L", bound=Drawn)


def thin(looks: Sequence[L], buckets: int) -> tuple[L, ...]:
    """Keep both sides of every change of health, and in each bucket of time the extremes of value and latency.

    So no dip and no peak is lost, however short; what is left out lies between two that are drawn. Changes are kept
    even where they are more than buckets.
    """
    if len(looks) <= 2 * buckets:
        return tuple(looks)
    kept = {0, len(looks) - 1, *_changes(looks), *_extremes(looks, buckets)}
    return tuple(looks[index] for index in sorted(kept))


def _changes(looks: Sequence[Drawn]) -> Iterator[int]:
    for index, (before, after) in enumerate(pairwise(looks)):
        if before.ok != after.ok or (before.value is None) != (after.value is None):
            yield from (index, index + 1)


def _extremes(looks: Sequence[Drawn], buckets: int) -> Iterator[int]:
    began = looks[0].at
    width = (looks[-1].at - began) / buckets
    if not width:
        return
    in_bucket: dict[int, list[int]] = {}
    for index, look in enumerate(looks):
        in_bucket.setdefault(int((look.at - began) / width), []).append(index)
    for own in in_bucket.values():
        yield min(own, key=lambda index: looks[index].latency)
        yield max(own, key=lambda index: looks[index].latency)
        if numbered := [index for index in own if looks[index].value is not None]:
            yield min(numbered, key=lambda index: looks[index].value or 0.0)
            yield max(numbered, key=lambda index: looks[index].value or 0.0)
