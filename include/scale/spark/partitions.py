"""One Spark task for each partition of a stage, with its progress in the driver's log."""

import gc
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from pyspark import SparkContext
from pyspark.sql import SparkSession

from include.failpoints import HOME_VARIABLE

Report = TypeVar("Report")

Session = Callable[[], AbstractContextManager[SparkSession]]
"""Opens the session that a stage runs in, if it has anything to run."""

_CONFIGURATION: dict[str, bool | float | int | str | None] = {
    "spark.cores.max": "2",
    "spark.executor.memory": "1g",
    "spark.ui.enabled": "false",
}
_SHARED_VARIABLES = ("NUMBA_CACHE_DIR", HOME_VARIABLE)
"""What executors are to find as the driver does: compiled code, and orders at failpoints."""
_PROGRESS_SECONDS = 2.0


@contextmanager
def spark_session(name: str, configuration: Mapping[str, bool | int]) -> Iterator[SparkSession]:
    """Open the session of one job; the master comes from spark-submit."""
    builder = SparkSession.builder.appName(name).config(map={**_CONFIGURATION, **configuration})
    for variable in _SHARED_VARIABLES:
        if value := os.environ.get(variable):
            builder = builder.config(f"spark.executorEnv.{variable}", value)
    spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


def nothing() -> None:
    """Do nothing: the default beside the partitions."""


def run_partitions(
    session: Session,
    what: str,
    pending: Sequence[int],
    work: Callable[[int], Report],
    beside: Callable[[], None] = nothing,
) -> list[Report]:
    """Run `work` on each pending partition as a Spark task of its own, which Spark may retry; give the reports.

    `beside` is done meanwhile on the driver, which only waits; what it raises is raised when the tasks are done.
    """
    with ThreadPoolExecutor(1) as driver:
        done_beside = driver.submit(beside)
        reports = _run(session, what, pending, work) if pending else []
    done_beside.result()
    return reports


def _run(session: Session, what: str, pending: Sequence[int], work: Callable[[int], Report]) -> list[Report]:
    def run(partition_id: int) -> Report:
        gc.freeze()  # pyspark collects garbage after every task, and all that is imported would be looked at each time
        return work(partition_id)

    # An RDD, as the planner of DataFrames has nothing to plan here and costs more than small partitions do.
    with session() as spark, _progress_of(spark.sparkContext, what, len(pending)):
        return spark.sparkContext.parallelize(pending, len(pending)).map(run).collect()


@contextmanager
def _progress_of(context: SparkContext, what: str, partitions: int) -> Iterator[None]:
    """Tell in the log, every other second, how many partitions are done."""
    ended = threading.Event()
    tracker = context.statusTracker()

    def completed() -> int:
        stages = map(tracker.getStageInfo, tracker.getActiveStageIds())
        return sum(stage.numCompletedTasks for stage in stages if stage)

    def tell() -> None:
        told = -1
        while not ended.wait(_PROGRESS_SECONDS):
            if (done := completed()) not in {told, 0}:
                print(f"{what}: {done} of {partitions} partitions, {done / partitions:.0%}", flush=True)
                told = done

    teller = threading.Thread(target=tell, name=f"progress of {what}", daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()
