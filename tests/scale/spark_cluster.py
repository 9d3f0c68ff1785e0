"""A Spark standalone cluster for tests: a master and two workers of one core, as processes on loopback."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from include.settings import REPO_ROOT
from tests.scale.servers import await_port, free_port

_EXECUTOR = "CoarseGrainedExecutorBackend"
_QUICK_START = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkCluster:
    """A running cluster; `environment` is what its processes and those that submit to it need."""

    url: str
    workers: tuple[subprocess.Popen[bytes], ...]
    environment: Mapping[str, str]

    def submit(self, job: str, manifest_id: int, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start a job of the project on all cores."""
        program = [str(Path(sys.executable).parent / "spark-submit"), "--master", self.url, *_quick_jvms()]
        return subprocess.Popen(
            [*program, str(REPO_ROOT / "spark_jobs" / f"{job}.py"), "--manifest-id", str(manifest_id)],
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPO_ROOT,
        )

    def executors(self) -> list[psutil.Process]:
        """Find the executors that run now."""
        children = [child for worker in self.workers for child in psutil.Process(worker.pid).children(recursive=True)]
        return [child for child in children if _is_executor(child)]


@contextmanager
def spark_cluster(folder: Path) -> Iterator[SparkCluster]:
    """Run a cluster that keeps its files in a folder."""
    port = free_port()
    environment = os.environ | {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": _QUICK_START,
        "SPARK_LAUNCHER_OPTS": _QUICK_START,
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(REPO_ROOT),
        "NUMBA_CACHE_DIR": str(folder / "numba"),
    }
    url = f"spark://127.0.0.1:{port}"
    worker = ["worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "1g", url]
    started = [
        _start("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0", env=environment)
    ]
    try:
        await_port(port)
        started += [_start(*worker, env=environment) for _ in range(2)]
        yield SparkCluster(url=url, workers=tuple(started[1:]), environment=environment)
    finally:
        _end(started)


def _quick_jvms() -> list[str]:
    jvms = ("driver", "executor")
    return [part for jvm in jvms for part in ("--conf", f"spark.{jvm}.extraJavaOptions={_QUICK_START}")]


def _start(name: str, *arguments: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    package = find_spec("pyspark")
    assert package is not None
    program = Path(str(package.origin)).parent / "bin" / "spark-class"
    command = [str(program), f"org.apache.spark.deploy.{name}", *arguments]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _end(started: list[subprocess.Popen[bytes]]) -> None:
    processes = [psutil.Process(each.pid) for each in started]
    everybody = [*processes, *(child for process in processes for child in process.children(recursive=True))]
    for process in everybody:
        process.terminate()
    _, alive = psutil.wait_procs(everybody, timeout=10)
    for process in alive:
        process.kill()
    for each in started:
        each.wait()


def _is_executor(process: psutil.Process) -> bool:
    try:
        return any(_EXECUTOR in argument for argument in process.cmdline())
    except psutil.NoSuchProcess:
        return False
