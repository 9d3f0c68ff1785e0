"""The timetable of a DAG whose experiment has a window; `plugins/chaos_control.py` makes it known to Airflow."""

from datetime import UTC, datetime
from typing import Any

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

from include.orchestration.window_moments import LATE, next_run
from include.orchestration.windows import Window


class WindowTimetable(Timetable):
    """Begin an experiment at its moments in its pipeline's window."""

    def __init__(self, window: Window, experiment_id: str) -> None:
        """Remember whose moments are asked for."""
        self._window = window
        self._experiment_id = experiment_id
        self.description = f"In the chaos window {window.summary}, at a moment that is drawn"

    @property
    def summary(self) -> str:
        """What Airflow shows as the schedule."""
        return self._window.summary

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        """Give a run that a person starts no interval but its own moment."""
        return DataInterval.exact(run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Give the next moment; one that has just passed still counts, for Airflow asks again while it makes a run.

        Moments that were missed are not made up for, whatever `catchup` says.
        """
        behind = [datetime.now(UTC) - LATE]
        if last_automated_data_interval:
            behind.append(last_automated_data_interval.end)
        if restriction.earliest:
            behind.append(restriction.earliest.subtract(microseconds=1))
        at = next_run(self._window, self._experiment_id, max(behind))
        if at is None or (restriction.latest and at > restriction.latest):
            return None
        return DagRunInfo.exact(pendulum.instance(at))

    def serialize(self) -> dict[str, Any]:
        """Give what `deserialize` reads."""
        return {"window": self._window.model_dump(mode="json"), "experiment_id": self._experiment_id}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> "WindowTimetable":
        """Read it back, in a process that has not parsed the DAG's file."""
        return cls(Window.model_validate(data["window"]), data["experiment_id"])
