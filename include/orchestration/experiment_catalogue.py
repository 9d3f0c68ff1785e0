"""One DAG for each experiment file. A file that is wrong becomes a DAG that says so, and takes no other one with it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowFailException

from include.chaos.documents import read_document
from include.chaos.experiment import Experiment, experiment_id_of
from include.chaos.pipeline import Pipeline, load_pipeline
from include.errors import ConfigurationError
from include.orchestration.experiment_dag import build_experiment_dag
from include.orchestration.names import experiment_dag_id
from include.orchestration.windows import Window

_NO_PART_OF_AN_ID = re.compile(r"[^A-Za-z0-9_.-]")


def build_experiment_dags(files: Iterable[Path], windows: Iterable[Path] = ()) -> list[DAG]:
    """Build the DAGs of experiment files; each registers itself with the DAG file that is being parsed.

    Those that a window names are scheduled in it.
    """
    pipelines = cache(load_pipeline)  # read once for all experiments, and anew at each parsing
    calendar: dict[str, Window] = {}
    broken = [dag for path in windows if (dag := _read_window(path, calendar))]
    return [*broken, *(_build(path, pipelines, calendar) for path in files)]


def _read_window(path: Path, calendar: dict[str, Window]) -> DAG | None:
    """Add a window to the calendar; one that is wrong schedules nothing, and becomes a DAG that says so."""
    try:
        calendar[path.stem] = read_document(path, Window)
    except ConfigurationError as error:
        return _build_broken(f"window_{_NO_PART_OF_AN_ID.sub('_', path.stem)}", str(error))
    return None


def _build(path: Path, pipelines: Callable[[str], Pipeline], calendar: Mapping[str, Window]) -> DAG:
    experiment_id = experiment_id_of(path)
    if _NO_PART_OF_AN_ID.search(experiment_id):
        complaint = f"{path}: expected a file name of letters, digits, `-`, `_` and `.` only"
        return _build_broken(_NO_PART_OF_AN_ID.sub("_", experiment_id), complaint)
    try:
        experiment = read_document(path, Experiment)
        pipeline, window = pipelines(experiment.pipeline), calendar.get(experiment.pipeline)
        return build_experiment_dag(experiment_id, experiment, pipeline, window)
    except ConfigurationError as error:
        return _build_broken(experiment_id, str(error))


def _build_broken(experiment_id: str, complaint: str) -> DAG:
    with DAG(
        dag_id=experiment_dag_id(experiment_id),
        description="A file is wrong; see the DAG's documentation.",
        doc_md=f"# A file is wrong\n\n```\n{complaint}\n```\n\n`chaos-control validate` checks an experiment's file, "
        "`chaos-control windows` the windows.",
        schedule=None,
        tags=["chaos", "broken"],
    ) as dag:
        refuse(complaint)
    return dag


@task(retries=0, execution_timeout=timedelta(minutes=1))
def refuse(complaint: str) -> None:
    """Fail with what is wrong with the experiment's file."""
    raise AirflowFailException(complaint)
