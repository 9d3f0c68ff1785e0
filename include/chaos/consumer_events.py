"""What a journal says of the reader, a client that reads as a consumer would, and of tries that wrote at once."""

from datetime import timedelta
from typing import Literal

from include.chaos.model import Duration, Model, Moment


class PublicationStamp(Model):
    """What consumers are told that they read: by its run, and since when."""

    dag_run_id: str
    published_at: Moment | None = None


class RelationSight(Model):
    """One relation, as it was read: `digest` does not depend on the order of its rows.

    What was not read is None: a large relation is often only looked at, whether it is empty.
    """

    relation: str
    rows: int | None = None
    digest: str | None = None
    is_empty: bool | None = None

    def is_like(self, other: "RelationSight") -> bool:
        """Tell whether both read the same, as far as both were read."""
        if self.digest is not None and other.digest is not None:
            return (self.rows, self.digest) == (other.rows, other.digest)
        return self.is_empty is None or other.is_empty is None or self.is_empty == other.is_empty

    def adds_to(self, other: "RelationSight") -> bool:
        """Tell whether this reads otherwise, or more was read."""
        return not self.is_like(other) or (self.digest is not None and other.digest is None)


class ReaderStarted(Model):
    """A client begins to read these relations; `promises_publication` is whether the contract names one."""

    event: Literal["reader_started"] = "reader_started"
    relations: tuple[str, ...]
    promises_publication: bool


class ConsumerRead(Model):
    """The reader saw something else than before, in one snapshot taken at `seen_at`.

    `untold` counts what it saw since its last entry and did not journal, because it changed too often.
    """

    event: Literal["consumer_read"] = "consumer_read"
    seen_at: Moment
    publication: PublicationStamp | None
    relations: tuple[RelationSight, ...]
    untold: int = 0


class ReaderBlind(Model):
    """The reader can read no more."""

    event: Literal["reader_blind"] = "reader_blind"
    error: str


class ReaderSees(Model):
    """The reader can read again."""

    event: Literal["reader_sees"] = "reader_sees"
    blind_for: Duration


class ReaderCounted(Model):
    """How often the reader has read, and how long that took in all."""

    event: Literal["reader_counted"] = "reader_counted"
    reads: int
    reading_for: Duration


class WriterOverlap(Model):
    """Two tries that wrote at the same time: from the newer one's begin to the older one's last sign of life.

    `fence_held` is whether nothing of the older was committed any more; None where the record does not tell.
    """

    writer: str
    older: int
    newer: int
    since: Moment
    until: Moment
    fence_held: bool | None = None

    @property
    def lasted(self) -> timedelta:
        """For how long."""
        return self.until - self.since


class WorkCounted(Model):
    """What a run's tasks have worked, by one record; `lost` is of attempts whose work nobody used.

    Rows and bytes are those that the record knows of, read and written.
    """

    event: Literal["work_counted"] = "work_counted"
    dag_run_id: str
    source: str
    attempts: int
    worked_for: Duration
    lost_attempts: int = 0
    lost_for: Duration = timedelta(0)
    lost_rows: int = 0
    lost_bytes: int = 0


class WritersRead(Model):
    """The records of who wrote were read; `unread` says which could not be, and why."""

    event: Literal["writers_read"] = "writers_read"
    overlaps: tuple[WriterOverlap, ...] = ()
    tries: int = 0
    unread: tuple[str, ...] = ()
