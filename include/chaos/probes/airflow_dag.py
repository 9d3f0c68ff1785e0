"""`airflow_dag`: what Airflow has open for the pipeline's DAG: runs, tasks that wait, tasks that are tried again."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import Field

from include.chaos.model import Measurement
from include.chaos.probes.base import Every, ProbeBase


class DagFigure(StrEnum):
    """What of the DAG is looked at."""

    ACTIVE_RUNS = "active_runs"
    RETRYING = "retrying"
    WAITING = "waiting"


class DagReader(Protocol):
    """What `airflow_dag` needs of a platform; each raises `PlatformError` when Airflow does not answer."""

    def active_runs(self) -> int:
        """Count the DAG's runs that are queued or running."""
        ...

    def retrying_tasks(self) -> int:
        """Count the tasks of the pipeline's run of which a try has ended and another one has not begun."""
        ...

    def longest_wait(self) -> float:
        """Give the seconds for which a task of the pipeline's run has waited to begin; 0 when none waits."""
        ...


class AirflowDagProbe(ProbeBase):
    """One figure: active runs of the DAG, tasks of the pipeline's run between two tries, or seconds of waiting."""

    kind: Literal["airflow_dag"]
    read: DagFigure = Field(description="the value: runs that are queued or running, tasks between two tries, seconds")
    every: Every = timedelta(milliseconds=500)

    def measure(self, dag: DagReader, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: self._see(dag), baseline)

    def _see(self, dag: DagReader) -> float:
        match self.read:
            case DagFigure.ACTIVE_RUNS:
                return dag.active_runs()
            case DagFigure.RETRYING:
                return dag.retrying_tasks()
            case DagFigure.WAITING:
                return dag.longest_wait()
