"""Work that was done and came to nothing, and how much more was done than in the undisturbed run. Pure.

Airflow's tries that did not succeed are the upper bound: what such a try staged before it failed may be kept. What of
Spark's attempts was lost is its own log's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from include.chaos.consumer_events import WorkCounted
from include.chaos.entries import bodies
from include.chaos.journal import JournalEntry
from include.chaos.timeline import StageTry, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class WastedWork:
    """`in_tries` is the time of Airflow's tries that came to nothing; without `counted` Spark's record was not read.

    `more_than_twin` is the time that Spark's tasks worked longer than in the twin.
    """

    in_tries: timedelta
    counted: WorkCounted | None
    more_than_twin: timedelta | None


def read_wasted_work(entries: Sequence[JournalEntry], timeline: Timeline) -> WastedWork:
    """Read what was done for nothing."""
    counts = {counted.dag_run_id: counted for counted in bodies(entries, WorkCounted)}
    counted = counts.get(timeline.opened.dag_run_id)
    twin = counts.get(timeline.twin.dag_run_id) if timeline.twin else None
    return WastedWork(
        in_tries=_in_tries(timeline.stage_tries),
        counted=counted,
        more_than_twin=counted.worked_for - twin.worked_for if counted and twin else None,
    )


def describe_wasted_work(wasted: WastedWork) -> str:
    """Say it in a line."""
    said = [f"{wasted.in_tries.total_seconds():.1f} s in tries of tasks that did not succeed"]
    if counted := wasted.counted:
        attempts = f"{counted.lost_attempts} of {counted.attempts} attempts of Spark's tasks"
        said.append(f"{attempts} ({counted.lost_for.total_seconds():.1f} s)")
    if counted and (counted.lost_rows or counted.lost_bytes):
        said.append(f"{counted.lost_rows} rows and {counted.lost_bytes} bytes read or written in them")
    if wasted.more_than_twin is not None:
        said.append(f"Spark's tasks worked {wasted.more_than_twin.total_seconds():+.1f} s against the undisturbed run")
    return "; ".join(said)


def _in_tries(tries: Iterable[StageTry]) -> timedelta:
    """Add up the tries that did not succeed; one whose end was not seen lasted until the next one began at most."""
    wasted = timedelta(0)
    in_order = sorted(tries, key=lambda attempt: (attempt.stage, attempt.try_number))
    for attempt, later in zip(in_order, [*in_order[1:], None], strict=False):
        next_began = later.started_at if later and later.stage == attempt.stage else None
        ended_at = attempt.ended_at or next_began
        if ended_at and attempt.state != "success":
            wasted += ended_at - attempt.started_at
    return wasted
