"""Read the records of the layers that may have carried a struck run on, and journal what they did."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from include.chaos.entries import first_instant
from include.chaos.events import InjectionPrepared, LayerActed, RecordsRead
from include.chaos.journal import Clock, JournalWriter
from include.errors import ChaosControlError


class RecordReader(Protocol):
    """One layer's records."""

    @property
    def name(self) -> str:
        """Whose they are, for people."""
        ...

    def read(self, since: datetime, until: datetime) -> Iterable[LayerActed]:
        """Give what the layer did in that time; raise `PlatformError` when its records cannot be read."""
        ...


def no_records(_dag_id: str) -> Sequence[RecordReader]:
    """Give none: the default of a site of which nobody knows where records lie."""
    return ()


def read_records(journal: JournalWriter, readers: Sequence[RecordReader], clock: Clock) -> RecordsRead:
    """Journal what every layer did since the first strike, and which records could not be read."""
    struck = first_instant(journal.entries, InjectionPrepared)
    unread = []
    for reader in readers if struck else ():
        try:
            found = list(reader.read(struck.at, clock.now())) if struck else []
        except (ChaosControlError, LookupError, ValueError, TypeError) as error:
            unread.append(f"{reader.name} ({error!r})"[:300])
            continue
        for acted in found:
            journal.append(acted)
    read = RecordsRead(unread=tuple(unread) if readers else ("records of this site",))
    journal.append(read)
    return read
