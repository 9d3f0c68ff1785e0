"""Tell when a strike's moment has come, from what Airflow was seen to do and from the rows that a stage has staged.

Airflow may be silent, perhaps because an earlier strike hit it. A share of rows is then still seen, in the warehouse: a
count that grows says that the stage runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from include.chaos.events import StageObserved, StrikePointReached
from include.chaos.experiment import Strike
from include.chaos.model import StagePoint, TargetInstance

_LIVE_STATES = frozenset({"running", "deferred", "up_for_retry", "queued", "scheduled", None})

StagedRows = Callable[[], tuple[int, int] | None]
Waiting = Callable[[], TargetInstance | None]


def nobody() -> None:
    """Tell that nobody waits at a failpoint: the default where a strike has none."""


class StageWatch(Protocol):
    """What is known of the pipeline's run."""

    def stage(self, task_id: str) -> StageObserved | None:
        """Give what was last seen of a stage."""
        ...

    @property
    def run_ended(self) -> bool:
        """Whether the run was seen to have ended."""
        ...

    @property
    def silent(self) -> bool:
        """Whether Airflow does not answer at the moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The strike point can not be reached any more."""

    reason: str


class StrikePointLook:
    """One strike's eyes; `look` as often as is fit."""

    def __init__(
        self,
        *,
        strike: Strike,
        watch: StageWatch,
        staged_rows: StagedRows,
        later_stages: tuple[str, ...],
        waiting: Waiting = nobody,
    ) -> None:
        """Prepare to look; `later_stages` run after the strike's, `waiting` gives who is at its failpoint."""
        self._name = strike.name
        self._point = strike.strike_point
        self._watch = watch
        self._staged_rows = staged_rows
        self._later_stages = later_stages
        self._waiting = waiting
        self._staged_when_silent: int | None = None

    def look(self) -> StrikePointReached | Missed | None:
        """Tell whether the moment has come, or can come no more; None is "not yet"."""
        seen = self._watch.stage(self._point.stage)
        state = seen.state if seen else None
        return self._look_for_moment(state) or self._look_for_miss(state)

    def _look_for_moment(self, state: str | None) -> StrikePointReached | Missed | None:
        if self._point.failpoint:
            found = self._waiting()
            return StrikePointReached(strike=self._name, waiting=found) if found else None
        if self._point.at is StagePoint.END:
            return self._look_for_end(state)
        if state == "running":
            return self._look_at_rows() if self._point.staged_rows else StrikePointReached(strike=self._name)
        if self._watch.silent and state in _LIVE_STATES and self._point.staged_rows and self._is_growing():
            return self._look_at_rows()
        return None

    def _look_for_end(self, state: str | None) -> StrikePointReached | Missed | None:
        if state != "success":
            return None
        begun = [stage for stage in self._later_stages if (seen := self._watch.stage(stage)) and seen.start_date]
        if begun and not self._point.after:
            return Missed(reason=f"stage {begun[0]} had begun when the end of {self._point.stage} was seen")
        return StrikePointReached(strike=self._name)

    def _look_for_miss(self, state: str | None) -> Missed | None:
        if self._watch.run_ended:
            return Missed(reason=f"the pipeline's run ended before the strike point in {self._point.stage} was seen")
        if state not in _LIVE_STATES:
            return Missed(reason=f"stage {self._point.stage} ended `{state}` before the strike point was seen")
        return None

    def _is_growing(self) -> bool:
        rows = self._staged_rows()
        if rows is None:
            return False
        if self._staged_when_silent is None:
            self._staged_when_silent = rows[0]
        return rows[0] > self._staged_when_silent

    def _look_at_rows(self) -> StrikePointReached | Missed | None:
        """Compare the staged share; when all is staged at the first sight of it, the moment has passed."""
        share = self._point.staged_rows or 0.0
        rows = self._staged_rows()
        if rows is None or rows[1] <= 0 or rows[0] / rows[1] < share:
            return None
        staged, expected = rows
        if share < 1 <= staged / expected:
            return Missed(reason=f"all {expected} rows were staged between two looks; the stage is too short to strike")
        return StrikePointReached(strike=self._name, staged=staged, expected=expected)
