"""The Spark standalone cluster: a master and two workers of one core, all from the pyspark package."""

import importlib.util
import shlex
import shutil
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from pydantic import BaseModel

from include.errors import LabError
from include.lab.component import Component
from include.lab.http_health import ask
from include.lab.layout import PRIVATE, PROGRAM, LabHome, write_whole
from include.lab.plan import LOOPBACK, Plan
from include.settings import REPO_ROOT

WORKERS = ("spark_worker_1", "spark_worker_2")
_WORKER_MEMORY = "2g"
_DAEMON_MEMORY = "384m"
# Nothing computes in these JVMs, for jobs work in Python: compiling them well costs more than it gives.
_QUICK_START = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


class _Worker(BaseModel):
    port: int
    state: str


class _MasterStatus(BaseModel):
    status: str
    workers: tuple[_Worker, ...]


def components(plan: Plan) -> tuple[Component, ...]:
    """Describe the master and its workers."""
    return (_master(plan), *(_worker(plan, name) for name in WORKERS))


def master_url(plan: Plan) -> str:
    """Give the address to which jobs are submitted."""
    return f"spark://{LOOPBACK}:{plan.ports['spark_master']}"


def environment(plan: Plan) -> dict[str, str]:
    """Give the variables for whatever starts a JVM of this cluster: master, worker or spark-submit."""
    home = plan.home
    return {
        "JAVA_HOME": str(home.java),
        "SPARK_HOME": str(spark_home()),
        "SPARK_CONF_DIR": str(_conf_folder(home)),
        "SPARK_LOCAL_IP": LOOPBACK,  # also where the web pages are bound
        "SPARK_LOCAL_DIRS": str(home.run / "spark_local"),
        "SPARK_DAEMON_MEMORY": _DAEMON_MEMORY,
        "SPARK_DAEMON_JAVA_OPTS": _QUICK_START,
        "SPARK_LAUNCHER_OPTS": _QUICK_START,
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYTHONPATH": str(REPO_ROOT),
        "NUMBA_CACHE_DIR": str(home.data / "numba"),
    }


def install(plan: Plan) -> None:
    """Write the cluster's configuration, secret included, and the wrapper of spark-submit."""
    folder = _conf_folder(plan.home)
    for needed in (folder, event_log(plan.home), plan.home.run / "spark_local", plan.home.data / "numba"):
        needed.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "spark-defaults.conf", _render(_configuration(plan)), mode=PRIVATE)
    write_whole(plan.home.bin / "spark-submit", _submit_script(), mode=PROGRAM)


def spark_home() -> Path:
    """Find Spark inside the installed pyspark, without importing it."""
    package = importlib.util.find_spec("pyspark")
    for folder in (package and package.submodule_search_locations) or ():
        return Path(folder)
    raise LabError("Spark is not there: the package pyspark is missing. Run `make setup`")


def _configuration(plan: Plan) -> dict[str, str]:
    return {
        "spark.authenticate": "true",
        "spark.authenticate.secret": plan.credentials.spark,
        "spark.driver.extraJavaOptions": _QUICK_START,
        "spark.executor.extraJavaOptions": _QUICK_START,
        "spark.driver.host": LOOPBACK,
        "spark.driver.bindAddress": LOOPBACK,
        "spark.master.rest.enabled": "false",  # or it takes port 6066, whoever else wants it
        "spark.ui.port": "0",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",  # the agent reads what Spark ran again
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.dir": event_log(plan.home).as_uri(),
        "spark.sql.warehouse.dir": (plan.home.data / "spark" / "warehouse").as_uri(),
        "spark.worker.cleanup.enabled": "true",
        "spark.worker.cleanup.appDataTtl": "86400",
    }


def _render(configuration: Mapping[str, str]) -> str:
    return "".join(f"{name} {value}\n" for name, value in configuration.items())


def _submit_script() -> str:
    """Render spark-submit such that its JVM dies with the task that started it, not on its own time."""
    real = shlex.quote(str(spark_home() / "bin" / "spark-submit"))
    setpriv = shutil.which("setpriv")
    bound = f"{shlex.quote(setpriv)} --pdeathsig KILL " if setpriv else ""
    return f'#!/bin/sh\nexec {bound}{real} "$@"\n'


def _conf_folder(home: LabHome) -> Path:
    return home.run / "spark_conf"


def event_log(home: LabHome) -> Path:
    """Name the folder of the applications' event logs."""
    return home.data / "spark" / "events"


def _master(plan: Plan) -> Component:
    ports = plan.ports
    return Component(
        name="spark_master",
        component="spark_master",
        port=ports["spark_master"],
        command=(
            *_java_class("master.Master"),
            *("--host", LOOPBACK, "--port", str(ports["spark_master"])),
            *("--webui-port", str(ports["spark_master_ui"])),
        ),
        environment=environment(plan),
        check=partial(_check_master, plan),
    )


def _worker(plan: Plan, name: str) -> Component:
    ports = plan.ports
    return Component(
        name=name,
        component="spark_worker",
        port=ports[name],
        command=(
            *_java_class("worker.Worker"),
            *("--host", LOOPBACK, "--port", str(ports[name]), "--webui-port", str(ports[f"{name}_ui"])),
            *("--cores", "1", "--memory", _WORKER_MEMORY, "--work-dir", str(plan.home.run / name)),
            master_url(plan),
        ),
        environment=environment(plan),
        check=partial(_check_worker, plan, ports[name]),
        needs=("spark_master",),  # a worker that is first tries again only after 5 to 15 s
    )


def _java_class(name: str) -> tuple[str, str]:
    return str(spark_home() / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}"


def _check_master(plan: Plan, _since: datetime) -> None:
    if (told := _ask_master(plan)).status != "ALIVE":
        raise LabError(f"the Spark master is {told.status}")


def _check_worker(plan: Plan, port: int, _since: datetime) -> None:
    if not any(worker.port == port and worker.state == "ALIVE" for worker in _ask_master(plan).workers):
        raise LabError("the worker is not registered with the Spark master")


def _ask_master(plan: Plan) -> _MasterStatus:
    return ask(f"{plan.url('spark_master_ui')}/json/", _MasterStatus)
