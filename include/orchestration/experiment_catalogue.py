"""One DAG for each experiment file. A file that is wrong becomes a DAG that says so, and takes no other one with it."""

import re
from collections.abc import Callable, Iterable
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

_NO_PART_OF_AN_ID = re.compile(r"[^A-Za-z0-9_.-]")


def build_experiment_dags(files: Iterable[Path]) -> list[DAG]:
    """Build the DAGs of experiment files; each registers itself with the DAG file that is being parsed."""
    pipelines = cache(load_pipeline)  # read once for all experiments, and anew at each parsing
    return [_build(path, pipelines) for path in files]


def _build(path: Path, pipelines: Callable[[str], Pipeline]) -> DAG:
    experiment_id = experiment_id_of(path)
    if _NO_PART_OF_AN_ID.search(experiment_id):
        complaint = f"{path}: expected a file name of letters, digits, `-`, `_` and `.` only"
        return _build_broken(_NO_PART_OF_AN_ID.sub("_", experiment_id), complaint)
    try:
        experiment = read_document(path, Experiment)
        return build_experiment_dag(experiment_id, experiment, pipelines(experiment.pipeline))
    except ConfigurationError as error:
        return _build_broken(experiment_id, str(error))


def _build_broken(experiment_id: str, complaint: str) -> DAG:
    with DAG(
        dag_id=experiment_dag_id(experiment_id),
        description="The experiment's file is wrong; see the DAG's documentation.",
        doc_md=f"# The experiment's file is wrong\n\n```\n{complaint}\n```\n\n`chaos-control validate` checks it.",
        schedule=None,
        tags=["chaos", "broken"],
    ) as dag:
        refuse(complaint)
    return dag


@task(retries=0, execution_timeout=timedelta(minutes=1))
def refuse(complaint: str) -> None:
    """Fail with what is wrong with the experiment's file."""
    raise AirflowFailException(complaint)
