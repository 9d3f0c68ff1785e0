"""What a client that read as a consumer would could see during the run. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from pydantic import computed_field

from include.chaos.consumer_reads import ConsumerReads
from include.chaos.model import Moment
from include.chaos.reports.section import Part, Section, Text, counted, say
from include.chaos.timeline import Timeline


class Broken(Part):
    """Something that could be read and is no publication, for `lasted` at most; None is until the end."""

    at: Moment
    lasted: timedelta | None
    what: Text


class Unseen(Part):
    """A time in which nobody could read; None is until the end."""

    since: Moment
    lasted: timedelta | None
    error: Text
    hides_publication: bool


class Consuming(Section):
    """The reader's account; `is_read` is whether there was a reader, `reads` how often it has read, if it told."""

    heading: ClassVar = "What consumers could read"
    is_read: bool
    promises_publication: bool
    reads: int | None
    states: int
    broken: tuple[Broken, ...]
    unseen: tuple[Unseen, ...]
    never_whole: tuple[Text, ...]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def essence(self) -> str:
        """What the reader saw, in words."""
        return " ".join(_essence(self)) if self.is_read else "Not measured: nobody read as a consumer during the run."


def read_consuming(timeline: Timeline) -> Consuming:
    """Read the account of the reader; without one nothing is known, which is not nothing broken."""
    reads = timeline.reads
    return Consuming(
        is_read=reads is not None and reads.sights > 0,
        promises_publication=reads.promises_publication if reads else False,
        reads=reads.counted.reads if reads and reads.counted else None,
        states=reads.sights if reads else 0,
        broken=tuple(_broken(reads)),
        unseen=tuple(_unseen(reads)),
        never_whole=reads.never_whole if reads else (),
    )


def _broken(reads: ConsumerReads | None) -> Iterator[Broken]:
    for broken in reads.broken if reads else ():
        yield Broken(at=broken.at, lasted=broken.lasted, what=broken.what)


def _unseen(reads: ConsumerReads | None) -> Iterator[Unseen]:
    for blind in reads.blind if reads else ():
        yield Unseen(
            since=blind.since, lasted=blind.lasted, error=blind.error, hides_publication=blind.hides_publication
        )


def _essence(consuming: Consuming) -> Iterator[str]:
    often = f"{counted(consuming.reads, 'read')} saw" if consuming.reads is not None else "The reader saw"
    yield f"{often} {counted(consuming.states, 'state')} of the relations."
    if not consuming.promises_publication:
        yield "The landing contract promises no publication, so none of them breaks it."
    elif consuming.broken:
        yield f"{counted(len(consuming.broken), 'time')} it was no publication."
    else:
        yield "Each was one publication, never a mixture and never a step back."
    blind = sum((unseen.lasted for unseen in consuming.unseen if unseen.lasted), timedelta(0))
    if consuming.unseen:
        yield f"For {say(blind)} in all, as far as that is known, nobody could read."
    if any(unseen.hides_publication for unseen in consuming.unseen):
        yield "The run's own publication came into sight in such a time, so its first moment was not seen."
