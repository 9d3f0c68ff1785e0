"""Where in Airflow a run of the pipeline, or one of its tasks, is: written as `dag_id/dag_run_id[/task_id]`."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlace:
    """A DAG run, or one of its tasks; Airflow allows no slash in any of the ids."""

    dag_id: str
    dag_run_id: str
    task_id: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes; raise `ValueError` when it is something else."""
        match text.split("/"):
            case [dag_id, dag_run_id]:
                return cls(dag_id=dag_id, dag_run_id=dag_run_id)
            case [dag_id, dag_run_id, task_id]:
                return cls(dag_id=dag_id, dag_run_id=dag_run_id, task_id=task_id)
            case _:
                raise ValueError(f"expected dag_id/dag_run_id or dag_id/dag_run_id/task_id, got {text!r}")

    def task(self, task_id: str) -> Self:
        """Give the place of one of the run's tasks."""
        return replace(self, task_id=task_id)

    def __str__(self) -> str:
        """Write it as an instance's name."""
        return "/".join(part for part in (self.dag_id, self.dag_run_id, self.task_id) if part)
