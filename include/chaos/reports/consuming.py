"""What consumers could read while the run went on, who wrote at the same time, and what was done for nothing. Pure."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import ClassVar

from pydantic import computed_field

from include.chaos.consumer_findings import reader_times, writer_times
from include.chaos.journal import JournalEntry
from include.chaos.model import Moment
from include.chaos.reports.section import Part, Section, Text, counted, say
from include.chaos.timeline import Timeline
from include.chaos.wasted_work import describe_wasted_work, read_wasted_work


class Fact(Part):
    """One line of the section."""

    label: Text
    said: Text


class NoPublication(Part):
    """Something that consumers could read and should not have; `lasted` is at most that, None until the end."""

    at: Moment
    lasted: timedelta | None
    what: Text

    @property
    def said_lasted(self) -> str:
        """For how long, for people."""
        return "until the end" if self.lasted is None else say(self.lasted)


class Consuming(Section):
    """The account of consumers and writers; `is_read` is whether anybody read as a consumer does."""

    heading: ClassVar = "Consumers and writers"
    is_read: bool
    facts: tuple[Fact, ...]
    broken: tuple[NoPublication, ...]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def essence(self) -> str:
        """What consumers could read, in words."""
        if not self.is_read:
            return "Nobody read as a consumer does, so what they saw while the run went on is not known."
        if not self.broken:
            return "Whenever somebody read as a consumer does, it was one publication."
        return f"Consumers could read what is no publication, {counted(len(self.broken), 'time')}."


def read_consuming(entries: Sequence[JournalEntry], timeline: Timeline) -> Consuming:
    """Read the account."""
    broken = timeline.reads.broken if timeline.reads else ()
    return Consuming(
        is_read=timeline.reads is not None and timeline.reads.sights > 0,
        facts=tuple(Fact(label=label, said=said) for label, said in _facts(entries, timeline)),
        broken=tuple(NoPublication(at=each.at, lasted=each.lasted, what=each.what) for each in broken),
    )


def _facts(entries: Sequence[JournalEntry], timeline: Timeline) -> Iterator[tuple[str, str]]:
    if timeline.ablated:
        yield "without, on purpose", ", ".join(timeline.ablated)
    yield from reader_times(timeline.reads)
    yield from writer_times(timeline.writers)
    yield "done for nothing", describe_wasted_work(read_wasted_work(entries, timeline))
