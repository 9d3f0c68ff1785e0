"""Airflow without a scheduler: a home of its own, set before anything imports airflow."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from include.settings import REPO_ROOT

_HOME = Path(tempfile.gettempdir()) / f"chaos-control-airflow-{os.getpid()}"
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ.update(
    AIRFLOW_HOME=str(_HOME),
    AIRFLOW__CORE__DAGS_FOLDER=str(REPO_ROOT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(REPO_ROOT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="True",
)
