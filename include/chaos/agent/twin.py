"""Find the undisturbed run with which a disturbed one is compared."""

from include.chaos.agent.services import AirflowReader
from include.chaos.events import TwinFound
from include.chaos.platforms.airflow import Parameters
from include.errors import PlatformError


def find_twin(airflow: AirflowReader, dag_id: str, conf: Parameters) -> TwinFound | None:
    """Find the newest successful run with the same parameters that no experiment disturbed."""
    try:
        runs = airflow.successful_runs(dag_id)
    except PlatformError:
        return None
    for run in runs:
        undisturbed = not run.dag_run_id.startswith("chaos__")
        if undisturbed and (run.conf or {}) == conf and run.start_date and run.end_date:
            duration = (run.end_date - run.start_date).total_seconds()
            return TwinFound(
                dag_run_id=run.dag_run_id, duration=duration, started_at=run.start_date, ended_at=run.end_date
            )
    return None
