"""What consumers could read during a run, and where that was no publication. Pure: a journal in, an account out.

There is one right reading of each publication: of the one before the run, what was read first; of the run's own, what
was read last before its rows were verified; of any other, what was read last. Whatever else is seen is a mixture of
publications, rows that vanished, or rows of none. A contract that names no publication promises none: then nothing
that is seen breaks anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile, zip_longest

from include.chaos.consumer_events import (
    ConsumerRead,
    PublicationStamp,
    ReaderBlind,
    ReaderCounted,
    ReaderSees,
    ReaderStarted,
    RelationSight,
)
from include.chaos.entries import bodies, first, last
from include.chaos.events import RowsVerified
from include.chaos.journal import JournalEntry

Reading = Mapping[str, RelationSight]
"""What each relation reads like."""

Readings = Mapping[str | None, Reading]
"""The right readings of publications by their runs; None stands for nothing published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRead:
    """Something that a consumer could read and should not have, for `lasted` at most; None is until the end."""

    at: datetime
    lasted: timedelta | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blindness:
    """A time in which nobody could read; `hides_publication` is whether the run's own came into sight in it."""

    since: datetime
    lasted: timedelta | None
    error: str
    hides_publication: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerReads:
    """The account. `never_whole` names relations that were never read whole, because that took too long."""

    promises_publication: bool
    sights: int
    broken: tuple[BrokenRead, ...]
    blind: tuple[Blindness, ...]
    never_whole: tuple[str, ...]
    counted: ReaderCounted | None


def read_consumer(entries: Sequence[JournalEntry], dag_run_id: str) -> ConsumerReads | None:
    """Account for what consumers could read; None when nobody has read as one."""
    started = first(entries, ReaderStarted)
    if started is None:
        return None
    sights = bodies(entries, ConsumerRead)
    verified = bodies(takewhile(lambda entry: not isinstance(entry.body, RowsVerified), entries), ConsumerRead)
    whole = {each.relation for sight in sights for each in sight.relations if each.digest is not None}
    return ConsumerReads(
        promises_publication=started.promises_publication,
        sights=sum(1 + sight.untold for sight in sights),
        broken=tuple(_broken(sights, _right_readings(verified))) if started.promises_publication else (),
        blind=tuple(_blind(entries, _published_at(sights, dag_run_id))),
        never_whole=tuple(name for name in started.relations if name not in whole) if sights else (),
        counted=last(entries, ReaderCounted),
    )


def _right_readings(sights: Sequence[ConsumerRead]) -> Readings:
    right: dict[str | None, dict[str, RelationSight]] = {}
    for sight in sights:
        run = _run_of(sight)
        known = right.setdefault(run, {})
        for each in sight.relations:
            was_read = each.relation in known and known[each.relation].digest is not None
            if not was_read or (each.digest is not None and run != _run_of(sights[0])):
                known[each.relation] = each
    return right


def _run_of(sight: ConsumerRead) -> str | None:
    return sight.publication.dag_run_id if sight.publication else None


def _published_at(sights: Sequence[ConsumerRead], dag_run_id: str) -> datetime | None:
    stamps = (sight.publication for sight in sights)
    return next((stamp.published_at for stamp in stamps if stamp and stamp.dag_run_id == dag_run_id), None)


def _broken(sights: Sequence[ConsumerRead], right: Readings) -> Iterator[BrokenRead]:
    order = _Order()
    for sight, later in zip_longest(sights, sights[1:]):
        if what := order.find_step_back(sight.publication) or _find_mixture(sight, right):
            yield BrokenRead(at=sight.seen_at, lasted=later.seen_at - sight.seen_at if later else None, what=what)


@dataclass(slots=True)
class _Order:
    """Publications as they came, the newest last."""

    seen: list[PublicationStamp] = field(default_factory=list)

    def find_step_back(self, stamp: PublicationStamp | None) -> str | None:
        """Follow on to what is seen next; say so when it is older than what was seen before."""
        newest = self.seen[-1] if self.seen else None
        if stamp is None:
            return f"nothing was published any more, after {newest.dag_run_id}" if newest else None
        if newest is None or stamp.dag_run_id == newest.dag_run_id:
            self.seen.append(stamp)
            return None
        came_back = any(stamp.dag_run_id == earlier.dag_run_id for earlier in self.seen)
        if came_back or _is_older(stamp, newest):
            return f"a step back, to the publication of {stamp.dag_run_id} after that of {newest.dag_run_id}"
        self.seen.append(stamp)
        return None


def _is_older(stamp: PublicationStamp, newest: PublicationStamp) -> bool:
    return bool(stamp.published_at and newest.published_at and stamp.published_at < newest.published_at)


def _find_mixture(sight: ConsumerRead, right: Readings) -> str | None:
    """Say which relations read otherwise than in the publication that is in sight, and like what they do."""
    run = _run_of(sight)
    own = right.get(run)
    if own is None:
        return None
    odd = [each for each in sight.relations if each.relation in own and not each.is_like(own[each.relation])]
    if not odd:
        return None
    others = {name: reading for name, reading in right.items() if name != run}
    said = ", ".join(f"{each.relation} {_describe(each, own[each.relation], others)}" for each in odd)
    return f"with the publication of {run}, {said}" if run else f"with nothing published, {said}"


def _describe(each: RelationSight, own: RelationSight, others: Readings) -> str:
    if each.is_empty:
        return f"was empty ({_count(own)} belong there)"
    for run, reading in others.items():
        other = reading.get(each.relation)
        if each.digest is not None and other is not None and other.digest == each.digest and other.rows == each.rows:
            return f"was that of {run or 'the time before any'} ({_count(each)}, not {_count(own)})"
    return f"was of no publication ({_count(each)}, not {_count(own)})"


def _count(each: RelationSight) -> str:
    return "an unknown number of rows" if each.rows is None else f"{each.rows} rows"


def _blind(entries: Sequence[JournalEntry], published_at: datetime | None) -> Iterator[Blindness]:
    told = [entry for entry in entries if isinstance(entry.body, ReaderBlind | ReaderSees)]
    for entry, ended in zip_longest(told, told[1:]):
        if isinstance(entry.body, ReaderBlind):
            until = ended.at if ended else None
            lasted = ended.body.blind_for if ended and isinstance(ended.body, ReaderSees) else None
            since = until - lasted if until and lasted is not None else entry.at  # a silence is told when it is over
            hides = published_at is not None and since <= published_at and (until is None or published_at <= until)
            yield Blindness(since=since, lasted=lasted, error=entry.body.error, hides_publication=hides)
