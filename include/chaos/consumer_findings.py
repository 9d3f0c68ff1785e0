"""What the reader and the records of writers say for a verdict, in sentences. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from include.chaos.consumer_events import WriterOverlap, WritersRead
from include.chaos.consumer_reads import Blindness, ConsumerReads

_MOST_TOLD = 3


def reader_failures(reads: ConsumerReads | None) -> Iterator[str]:
    """Give what consumers could read and should not have."""
    if reads is None:
        return
    for broken in reads.broken[:_MOST_TOLD]:
        lasted = f"for {_plain(broken.lasted)} at most" if broken.lasted is not None else "and from then on"
        yield f"Consumers could read what is no publication, at {broken.at:%H:%M:%S.%f} {lasted}: {broken.what}."
    if len(reads.broken) > _MOST_TOLD:
        yield f"Consumers could read what is no publication {len(reads.broken) - _MOST_TOLD} more time(s)."


def reader_unknowns(reads: ConsumerReads | None) -> Iterator[str]:
    """Give what a reader that never read leaves open."""
    if reads and not reads.sights:
        why = reads.blind[-1].error if reads.blind else "nothing was recorded"
        yield f"Nobody could read as a consumer does during the whole run ({why}), so what they saw is unknown."


def reader_notes(reads: ConsumerReads | None) -> Iterator[str]:
    """Give what limits what the reader can say."""
    if reads is None:
        return
    for blindness in reads.blind:
        yield _describe(blindness)
    if reads.never_whole:
        yield f"{', '.join(reads.never_whole)} took too long to be read whole while the run went on."
    if not reads.promises_publication and reads.sights:
        yield f"The contract promises no publication; consumers could see {reads.sights} different states."


def writer_failures(writers: WritersRead | None) -> Iterator[str]:
    """Give the tries that wrote what they should not have."""
    for overlap in writers.overlaps if writers else ():
        if overlap.fence_held is False:
            yield f"{_who(overlap)}, and nothing kept the older from writing."


def writer_notes(writers: WritersRead | None) -> Iterator[str]:
    """Give the tries that were alive at once and harmed nothing, and the records that could not be read."""
    for overlap in writers.overlaps if writers else ():
        if overlap.fence_held:
            yield f"{_who(overlap)}; the fence held."
        elif overlap.fence_held is None:
            yield f"{_who(overlap)}."
    for unread in writers.unread if writers else ():
        yield f"Who wrote at the same time is not known from {unread}."


def _describe(blindness: Blindness) -> str:
    lasted = f"for {_plain(blindness.lasted)}" if blindness.lasted is not None else "until the end"
    hidden = ", in which the run was published" if blindness.hides_publication else ""
    return f"Nobody could read as a consumer {lasted} from {blindness.since:%H:%M:%S}{hidden} ({blindness.error})."


def _who(overlap: WriterOverlap) -> str:
    tries = f"tries {overlap.older} and {overlap.newer}"
    return f"{overlap.writer}: {tries} wrote at once for {_plain(overlap.lasted)} from {overlap.since:%H:%M:%S}"


def _plain(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
