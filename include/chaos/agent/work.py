"""Count what the pipeline's run worked, and its twin before it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from include.chaos.consumer_events import WorkCounted
from include.chaos.entries import first, first_instant
from include.chaos.events import PipelineStarted, TwinFound
from include.chaos.journal import Clock, JournalWriter
from include.errors import PlatformError


class WorkRecord(Protocol):
    """A record of what was worked since a time."""

    def count(self, dag_run_id: str, until: datetime) -> WorkCounted:
        """Add up what was worked until a time; raise `PlatformError` when the record cannot be read."""
        ...


OpenWorkRecord = Callable[[datetime], WorkRecord | None]


def no_work_record(_since: datetime) -> None:
    """Give none: the default of a site of which nobody knows where records lie."""


def count_work(journal: JournalWriter, open_record: OpenWorkRecord, clock: Clock) -> None:
    """Journal what the run and its twin have worked, where that can be read."""
    for dag_run_id, since, until in list(_spans(journal, clock)):
        if record := open_record(since):
            try:
                journal.append(record.count(dag_run_id, until))
            except (PlatformError, LookupError, ValueError, TypeError):
                continue  # no count is no figure in the report


def _spans(journal: JournalWriter, clock: Clock) -> Iterator[tuple[str, datetime, datetime]]:
    begun = first_instant(journal.entries, PipelineStarted)
    started = first(journal.entries, PipelineStarted)
    if begun and started:
        yield started.dag_run_id, begun.at, clock.now()
    twin = first(journal.entries, TwinFound)
    if twin and twin.started_at and twin.ended_at:
        yield twin.dag_run_id, twin.started_at, twin.ended_at
