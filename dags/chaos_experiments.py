"""One Airflow DAG for each experiment file in `include/experiments/`: `chaos__<experiment_id>`."""

from include.chaos.documents import read_document
from include.chaos.experiment import Experiment, experiment_files, experiment_id_of
from include.orchestration.experiment_dag import build_experiment_dag

for path in experiment_files():
    build_experiment_dag(experiment_id_of(path), read_document(path, Experiment))
