"""Whether two tries wrote at the same time, by the records of who wrote. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from pydantic import computed_field

from include.chaos.model import Moment
from include.chaos.reports.section import Part, Section, Text, counted
from include.chaos.timeline import Timeline


class TwoWriters(Part):
    """Two tries that were alive at once; `fence_held` is None where no record tells."""

    writer: Text
    older: int
    newer: int
    since: Moment
    until: Moment
    fence_held: bool | None

    @property
    def lasted(self) -> timedelta:
        """For how long."""
        return self.until - self.since

    @property
    def fence(self) -> str:
        """What the records say of the fence, for people."""
        return {True: "held", False: "did not hold", None: "no record tells"}[self.fence_held]


class Writing(Section):
    """The tries that wrote at once; `is_read` is whether the records of who wrote were read at all."""

    heading: ClassVar = "Two writers at once"
    is_read: bool
    tries: int
    overlaps: tuple[TwoWriters, ...]
    unread: tuple[Text, ...]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def essence(self) -> str:
        """What the records say, in words."""
        return " ".join(_essence(self)) if self.is_read else "Not measured: nobody read the records of who wrote."


def read_writing(timeline: Timeline) -> Writing:
    """Read what the records of writers say; without them nothing is known."""
    writers = timeline.writers
    return Writing(
        is_read=writers is not None,
        tries=writers.tries if writers else 0,
        overlaps=tuple(TwoWriters.model_validate(one.model_dump()) for one in writers.overlaps) if writers else (),
        unread=writers.unread if writers else (),
    )


def _essence(writing: Writing) -> Iterator[str]:
    tries = counted(writing.tries, "try", "tries")
    if not writing.overlaps:
        yield f"{tries} of writers are on record, and no two of one writer were alive at once."
    else:
        unfenced = sum(overlap.fence_held is False for overlap in writing.overlaps)
        yield f"{tries} of writers are on record; {counted(len(writing.overlaps), 'time')} two were alive at once."
        yield (
            f"The fence did not hold {counted(unfenced, 'time')}." if unfenced else "No fence is known to have failed."
        )
    if writing.unread:
        yield "Some records could not be read."
