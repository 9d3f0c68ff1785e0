"""Two tries of one piece of work that wrote at the same time, found in records of who wrote when. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from operator import attrgetter

from include.chaos.consumer_events import WriterOverlap


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterTry:
    """One try of a writer, as its record has it; None is "never", or not recorded.

    `last_wrote_at` is of a write that was committed, `refused_at` of one that a fence refused.
    """

    writer: str
    number: int
    began_at: datetime
    last_wrote_at: datetime | None = None
    refused_at: datetime | None = None
    ended_at: datetime | None = None


def find_overlaps(tries: Iterable[WriterTry]) -> Iterator[WriterOverlap]:
    """Give each try that lived on when the next one had begun, until its last sign of life."""
    in_order = sorted(tries, key=attrgetter("writer", "number"))
    for _, of_one in groupby(in_order, key=attrgetter("writer")):
        for older, newer in pairwise(of_one):
            signs = [at for at in (older.last_wrote_at, older.refused_at, older.ended_at) if at and at > newer.began_at]
            if signs:
                yield WriterOverlap(
                    writer=older.writer,
                    older=older.number,
                    newer=newer.number,
                    since=newer.began_at,
                    until=max(signs),
                    fence_held=_did_fence_hold(older, newer),
                )


def _did_fence_hold(older: WriterTry, newer: WriterTry) -> bool | None:
    """Tell by what was committed and what was refused; None when neither is recorded."""
    if older.last_wrote_at and older.last_wrote_at > newer.began_at:
        return False
    return True if older.refused_at else None
