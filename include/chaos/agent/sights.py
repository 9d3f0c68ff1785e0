"""Read held snapshots whole, one after the other, and journal those that show something new."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import SimpleQueue
from typing import Protocol

from include.chaos.agent.allowance import Allowance
from include.chaos.consumer_events import ConsumerRead, PublicationStamp, RelationSight
from include.chaos.journal import Clock
from include.chaos.pipeline import Relation
from include.errors import PlatformError

SHARE = 0.04
"""The most of the time for which the database works for reads that nothing new calls for."""

MOST_SAVED_SECONDS = 0.4
"""A database that was calm may change often for a moment, and each state is read."""

LEAST_COST_SECONDS = 0.04
"""What a read counts at least, for the agent has its share in it."""

UNREADABLE_FOR_SECONDS = 30.0
"""A relation that takes too long is only looked at for so long, unless somebody asks."""

MOST_HELD = 4

MOST_SIGHTS = 20
"""So many sights under one stamp are journalled; those of what changes more often are counted."""

Contents = tuple[int, str]


class Snapshot(Protocol):
    """One committed state of the database, held until it is released."""

    @property
    def publication(self) -> PublicationStamp | None:
        """The stamp that consumers see in it."""
        ...

    def read(self, relations: Sequence[Relation]) -> Mapping[str, Contents] | None:
        """Count the rows of relations and digest them; None when that takes too long."""
        ...

    def find_empty(self, relations: Sequence[Relation]) -> Mapping[str, bool] | None:
        """Tell which relations have no row at all; None when that takes too long."""
        ...

    def release(self) -> None:
        """Let it go."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A snapshot that is held; `done` is set when it was read, or could not be. One that is asked for is told."""

    snapshot: Snapshot
    seen_at: datetime
    is_asked_for: bool = False
    done: threading.Event = field(default_factory=threading.Event)


class SightReader:
    """Reads in a thread of its own. `reads` counts the snapshots that it has read, and `reading_for` the seconds."""

    def __init__(
        self, *, relations: Sequence[Relation], record: Callable[[ConsumerRead], object], clock: Clock
    ) -> None:
        """Prepare the thread; `start` begins to read."""
        self.reads = 0
        self.reading_for = 0.0
        self._relations = relations
        self._record = record
        self._clock = clock
        self._allowance = Allowance(clock=clock, share=SHARE, most=MOST_SAVED_SECONDS)
        self._waiting: SimpleQueue[Glance | None] = SimpleQueue()
        self._unreadable_until: dict[str, float] = {}
        self._known: dict[str, RelationSight] = {}
        self._told_of: PublicationStamp | None = None
        self._sights = 0
        self._untold = 0
        self._defect: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="reader-reads", daemon=True)

    def start(self) -> None:
        """Begin to read what is handed over."""
        self._thread.start()

    def stop(self, patience: float) -> bool:
        """Read what was handed over, then no more; tell whether that has come to an end in so many seconds."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join(patience)
        return not self._thread.is_alive()

    def hand_over(self, glance: Glance) -> None:
        """Take a snapshot on, to be read and released; when too many wait already, it is only released."""
        if self._waiting.qsize() < MOST_HELD or glance.is_asked_for:
            self._waiting.put(glance)
        else:
            glance.snapshot.release()

    def require_sound(self) -> None:
        """Raise what a defect has raised: what is handed over is not read then."""
        if self._defect:
            raise self._defect

    def may_read(self) -> bool:
        """Tell whether one more read lies within the share."""
        return self._waiting.empty() and self._allowance.is_left()

    def _work(self) -> None:
        while (glance := self._waiting.get()) is not None:
            begun = self._clock.monotonic()
            try:
                self._note(glance, self._read(glance))
            except PlatformError:
                pass  # what could not be read is not counted as read
            except Exception as error:  # noqa: BLE001  # raised again where it is journalled
                self._defect = error
            glance.snapshot.release()
            took = self._clock.monotonic() - begun
            self.reading_for += took
            self._allowance.spend(max(took, LEAST_COST_SECONDS))
            glance.done.set()

    def _read(self, glance: Glance) -> list[RelationSight]:
        snapshot = glance.snapshot
        wanted = [each for each in self._relations if glance.is_asked_for or self._is_readable(each)]
        together = snapshot.read(wanted) if wanted else {}
        contents = self._read_one_by_one(snapshot, wanted) if together is None else together
        unread = [each for each in self._relations if each.name not in contents]
        empty = snapshot.find_empty(unread) if unread else None
        return [_sight(each.name, contents, empty or {}) for each in self._relations]

    def _read_one_by_one(self, snapshot: Snapshot, relations: Sequence[Relation]) -> Mapping[str, Contents]:
        """Read what took too long together; what does so alone is left alone."""
        contents: dict[str, Contents] = {}
        for relation in relations:
            if alone := snapshot.read([relation]):
                contents |= alone
            else:
                self._unreadable_until[relation.name] = self._clock.monotonic() + UNREADABLE_FOR_SECONDS
        return contents

    def _is_readable(self, relation: Relation) -> bool:
        return self._unreadable_until.get(relation.name, 0.0) <= self._clock.monotonic()

    def _note(self, glance: Glance, sights: Sequence[RelationSight]) -> None:
        publication = glance.snapshot.publication
        is_other = self.reads == 0 or publication != self._told_of
        self.reads += 1
        news = [each for each in sights if is_other or each.adds_to(self._known[each.relation])]
        if news:
            self._known |= {each.relation: each for each in news}
            self._told_of = publication
            self._sights = 1 if is_other else self._sights + 1
            self._untold += 1
        if self._untold and (self._sights <= MOST_SIGHTS or glance.is_asked_for):
            self._record(
                ConsumerRead(
                    seen_at=glance.seen_at, publication=publication, relations=tuple(sights), untold=self._untold - 1
                )
            )
            self._untold = 0


def _sight(relation: str, contents: Mapping[str, Contents], empty: Mapping[str, bool]) -> RelationSight:
    if relation not in contents:
        return RelationSight(relation=relation, is_empty=empty.get(relation))
    rows, digest = contents[relation]
    return RelationSight(relation=relation, rows=rows, digest=digest, is_empty=rows == 0)
