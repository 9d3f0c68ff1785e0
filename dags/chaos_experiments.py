"""One Airflow DAG for each experiment file in `include/experiments/`: `chaos__<experiment_id>`."""

from include.chaos.experiment import experiment_files
from include.orchestration.experiment_catalogue import build_experiment_dags
from include.orchestration.windows import window_files

build_experiment_dags(experiment_files(), window_files())
