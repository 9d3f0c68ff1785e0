"""The servers and sessions that the benchmark runs on; each is its own and is gone when its block ends."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

from pyspark.sql import SparkSession

from benchmarks.songs import write_files
from include.scale.spark.partitions import Session
from include.scale.warehouse import Warehouse, migrate
from include.settings import REPO_ROOT, ObjectStoreSettings
from tests.scale.servers import PostgresServer, postgres_server, s3_server

BUCKET = "songs"
JDBC_JAR = Path("/usr/share/java/postgresql.jar")
WITHOUT_JDBC = f"there is no {JDBC_JAR}: `apt-get install libpostgresql-jdbc-java`"
PATIENCE = timedelta(seconds=30)


@contextmanager
def bucket_of(objects: Iterable[tuple[str, bytes]]) -> Iterator[ObjectStoreSettings]:
    """Serve objects from an S3 server in the bucket `BUCKET`."""
    with tempfile.TemporaryDirectory(prefix="benchmark-s3-") as root:
        write_files(Path(root) / BUCKET, objects)
        with s3_server(Path(root)) as settings:
            yield settings


@contextmanager
def database_server() -> Iterator[PostgresServer]:
    """Run a PostgreSQL."""
    with postgres_server() as server:
        yield server


def new_warehouse(server: PostgresServer) -> Warehouse:
    """Create a warehouse with the schema and no rows."""
    warehouse = Warehouse(settings=server.create_database(), patience=PATIENCE)
    migrate(warehouse)
    return warehouse


def opened(spark: SparkSession) -> Session:
    """Give stages a session that is open already, and stays so."""
    return lambda: nullcontext(spark)


@contextmanager
def spark_on(cores: int) -> Iterator[SparkSession]:
    """Open a session on so many cores of this machine, with Spark's own defaults; one a process."""
    # Workers are processes of their own, which must find these modules.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(REPO_ROOT), os.environ.get("PYTHONPATH")]))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with tempfile.TemporaryDirectory(prefix="benchmark-spark-") as folder:
        builder = SparkSession.builder.master(f"local[{cores}]").appName("benchmark")
        builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
        builder = builder.config("spark.driver.memory", "6g")
        builder = builder.config("spark.local.dir", folder).config("spark.log.level", "ERROR")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.driver.extraJavaOptions", f"-Djava.io.tmpdir={folder}")
        if JDBC_JAR.exists():
            builder = builder.config("spark.driver.extraClassPath", str(JDBC_JAR))
        spark = builder.getOrCreate()
        try:
            yield spark
        finally:
            spark.stop()
