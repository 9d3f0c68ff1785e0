"""Where a report comes from, so that it can be made again and checked. Pure."""

from collections.abc import Sequence
from typing import ClassVar

from include.chaos.entries import last
from include.chaos.events import VerdictReached
from include.chaos.journal import JournalEntry
from include.chaos.model import Moment
from include.chaos.reports.section import Part, Section, Text
from include.chaos.timeline import Timeline


class Provenance(Section):
    """The run, its journal and the tool. `sha256` is of the journal's bytes as they were read; None if nobody read any.

    The verdict rests on the entries up to number `judged_until`.
    """

    heading: ClassVar = "Provenance"
    experiment_run_id: Text
    experiment_id: Text
    pipeline: Text
    dag_id: Text
    dag_run_id: Text
    twin_dag_run_id: Text | None
    opened_at: Moment
    last_entry_at: Moment
    entries: int
    judged_until: int
    agent_restarts: int
    journal: Text | None
    sha256: str | None
    torn_bytes: int
    tool_version: str | None
    made_at: Moment | None


class Origin(Part):
    """What the reader of a journal knows about it."""

    journal: Text | None = None
    sha256: str | None = None
    torn_bytes: int = 0
    tool_version: str | None = None
    made_at: Moment | None = None


def read_provenance(entries: Sequence[JournalEntry], timeline: Timeline, origin: Origin) -> Provenance:
    """Put together what the journal says of itself, and what its reader knows."""
    opened, published = timeline.opened, last(entries, VerdictReached)
    return Provenance(
        experiment_run_id=opened.experiment_run_id,
        experiment_id=opened.experiment_id,
        pipeline=opened.pipeline,
        dag_id=opened.dag_id,
        dag_run_id=opened.dag_run_id,
        twin_dag_run_id=timeline.twin.dag_run_id if timeline.twin else None,
        opened_at=entries[0].at,
        last_entry_at=entries[-1].at,
        entries=len(entries),
        judged_until=published.judged_until if published else len(entries),
        agent_restarts=timeline.agent_restarts,
        **origin.model_dump(),
    )
