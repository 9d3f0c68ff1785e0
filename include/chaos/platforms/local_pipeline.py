"""What a running pipeline has spawned on a lab: its tasks' processes, its Spark driver, executors and Python workers.

Found by their command lines among the processes that carry the lab's mark. The driver is the one below a task of the
very run; executors and their workers serve whatever job the cluster runs.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import psutil

from include.chaos.model import Component, Target, TargetInstance
from include.chaos.platforms.local_supervisor import LocalSupervisor, instance_of
from include.errors import PlatformError
from include.settings import LAB_ID_VARIABLE

_DAEMON = "pyspark.daemon"
_EXECUTOR = "CoarseGrainedExecutorBackend"
_YOUTH_SECONDS = 5.0


def find_spawned(supervisor: LocalSupervisor, target: Target, tasks: Mapping[str, int]) -> tuple[TargetInstance, ...]:
    """Find a component's instances; those that end meanwhile are left out.

    A task is named after its place in Airflow, so that what acts through Airflow knows it too; all others are named
    after their pids.
    """
    finders: dict[Component, Callable[[], Iterable[int]]] = {
        Component.SPARK_DRIVER: lambda: _drivers(tasks.values()),
        Component.SPARK_EXECUTOR: lambda: _executors(supervisor.site.lab_id),
        Component.SPARK_PYTHON_WORKER: lambda: _python_workers(supervisor.site.lab_id),
    }
    if target.component is Component.AIRFLOW_TASK:
        return tuple(_described(tasks, target))
    found = finders[target.component]()
    return tuple(_described({f"{target.component}_{pid}": pid for pid in sorted(found)}, target))


def _described(pids: Mapping[str, int], target: Target) -> Iterator[TargetInstance]:
    for name, pid in pids.items():
        try:
            found = instance_of(pid, name=name, component=target.component)
        except PlatformError:
            continue
        if not target.instances or name in target.instances:
            yield found


def _drivers(tasks: Iterable[int]) -> Iterator[int]:
    for pid in tasks:
        try:
            family = psutil.Process(pid).children(recursive=True)
        except psutil.NoSuchProcess:
            continue
        yield from (child.pid for child in family if "org.apache.spark.deploy.SparkSubmit" in _command(child))


def executors_of_lab(lab_id: str, others: set[psutil.Process] | None = None) -> Iterator[tuple[psutil.Process, str]]:
    """Give the executors of a lab's Spark cluster, with their command lines.

    `others` is the memory of one who looks often: the processes that are none. Only those are remembered that are past
    their youth, in which a process is a copy of its parent.
    """
    for process in psutil.process_iter():
        if others is not None and process in others:
            continue
        if _EXECUTOR in (command := _command(process)) and _is_of_lab(process, lab_id):
            yield process, command
        elif others is not None and _is_settled(process):
            others.add(process)


def python_workers_below(executor: psutil.Process) -> Iterator[psutil.Process]:
    """Give the workers that an executor's daemon has forked, not the daemon."""
    try:
        family = executor.children(recursive=True)
    except psutil.NoSuchProcess:
        return
    daemons = {process.pid for process in family if _DAEMON in _command(process)}
    yield from (process for process in family if process.pid in daemons and _parent_of(process) in daemons)


def _executors(lab_id: str) -> Iterator[int]:
    return (process.pid for process, _ in executors_of_lab(lab_id))


def _python_workers(lab_id: str) -> Iterator[int]:
    return (worker.pid for executor, _ in executors_of_lab(lab_id) for worker in python_workers_below(executor))


def _is_of_lab(process: psutil.Process, lab_id: str) -> bool:
    try:
        return process.environ().get(LAB_ID_VARIABLE) == lab_id
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _is_settled(process: psutil.Process) -> bool:
    try:
        return time.time() - process.create_time() > _YOUTH_SECONDS
    except psutil.NoSuchProcess:
        return False


def _parent_of(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""
