"""Read the records of who wrote when, and journal which tries wrote at the same time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from include.chaos.consumer_events import WritersRead
from include.chaos.pipeline import SqlFile
from include.chaos.writers import WriterTry, find_overlaps
from include.errors import ChaosControlError, PlatformError


class WriterRecords(Protocol):
    """One record of tries."""

    @property
    def name(self) -> str:
        """Whose it is, for people."""
        ...

    def read_tries(self) -> Iterable[WriterTry]:
        """Give the run's tries; raise `PlatformError` when the record cannot be read."""
        ...


class RowReader(Protocol):
    """A database that can be read."""

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        """Give all rows of a statement; raise `PlatformError` when it cannot be run."""
        ...


def no_writer_records(_since: datetime) -> Sequence[WriterRecords]:
    """Give none: the default of a site of which nobody knows where records lie."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractWriters:
    """The pipeline's own record, by its contract's statement."""

    statement: SqlFile
    dag_run_id: str
    open_reader: Callable[[], RowReader]

    name: str = "the pipeline's own record"

    def read_tries(self) -> Iterator[WriterTry]:
        """Give every try of the run."""
        for row in self.open_reader().fetch_rows(self.statement.read(), {"dag_run_id": self.dag_run_id}):
            yield _try(row)


def read_writers(records: Sequence[WriterRecords]) -> WritersRead:
    """Find the tries that wrote at the same time, and say which records could not be read."""
    tries: list[WriterTry] = []
    unread = []
    for record in records:
        try:
            tries.extend(record.read_tries())
        except (ChaosControlError, LookupError, ValueError, TypeError) as error:
            unread.append(f"{record.name} ({error!r})"[:300])
    return WritersRead(overlaps=tuple(find_overlaps(tries)), tries=len(tries), unread=tuple(unread))


def _try(row: Sequence[object]) -> WriterTry:
    match row:
        case [writer, int(number), datetime() as began_at, last_wrote_at, refused_at]:
            return WriterTry(
                writer=str(writer),
                number=number,
                began_at=began_at,
                last_wrote_at=_moment(last_wrote_at),
                refused_at=_moment(refused_at),
            )
    raise PlatformError(f"expected (writer, try, began_at, last_wrote_at, refused_at), got {list(row)}")


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
