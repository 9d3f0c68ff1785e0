"""One Spark task for each partition of a stage."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
from pyspark.sql import SparkSession

from include.scale.staging import StagedPartition

_CONFIGURATION: dict[str, bool | float | int | str | None] = {
    "spark.cores.max": "2",
    "spark.executor.memory": "1g",
    "spark.task.maxFailures": "4",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
}
_REPORT = pa.schema([("partition_id", pa.int32()), ("objects", pa.int64()), ("rows", pa.int64())])


@contextmanager
def spark_session(name: str) -> Iterator[SparkSession]:
    """Open the session of one job and stop it; the master comes from spark-submit."""
    spark = SparkSession.builder.appName(name).config(map=_CONFIGURATION).getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


def run_partitions(spark: SparkSession, pending: Sequence[int], work: Callable[[int], StagedPartition]) -> int:
    """Run `work` on each pending partition as a Spark task of its own, which Spark may retry; give the rows landed."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column("id").to_pylist():
                partition = work(pending[number])
                report = [[partition.partition_id], [partition.objects], [partition.row_count()]]
                yield pa.RecordBatch.from_arrays([pa.array(column) for column in report], schema=_REPORT)

    numbers = spark.range(0, len(pending), 1, len(pending))
    reports = numbers.mapInArrow(run, "partition_id int, objects long, rows long").collect()
    return sum(report["rows"] for report in reports)
