"""The Spark jobs, submitted as Airflow submits them, land what the oracle expects."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from psycopg import Cursor, sql
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from include.scale.corpus import generate_corpus
from include.scale.corpus_upload import put_objects
from include.scale.fenced_landing import FencedLanding
from include.scale.publication import verify_publication
from include.scale.warehouse import Row, Warehouse
from include.settings import REPO_ROOT
from tests.scale.conftest import Bucket, Freeze
from tests.scale.spark_cluster import SparkCluster, spark_cluster

RELATIONS = {
    "filename_instrument": ("filename", "instrument"),
    "filepair_similarity_score": ("filename_a", "filename_b", "similarity_score"),
    "quarantined_file": ("filename",),
}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[SparkCluster]:
    """A master and two workers of one core."""
    with spark_cluster(tmp_path) as running:
        yield running


def finish(job: subprocess.Popen[str]) -> str:
    """Wait for a job and give what its driver printed."""
    said, errors = job.communicate()
    assert job.returncode == 0, errors
    return said


@retry(retry=retry_if_exception_type(AssertionError), stop=stop_after_delay(200), wait=wait_fixed(0.05), reraise=True)
def await_staged(warehouse: Warehouse, partitions: int) -> None:
    """Return once so many partitions are staged."""
    query = "SELECT count(*) FROM scale.staged_partition"
    [(staged,)] = warehouse.transact(lambda cursor: cursor.execute(query).fetchall())
    assert staged >= partitions, f"only {staged} partitions were staged"


@pytest.mark.timeout(500)  # seven JVMs, each of which takes seconds and much more on a busy machine
def test_the_jobs_land_what_the_oracle_expects_though_an_executor_is_killed(
    bucket: Bucket, landing: FencedLanding, freeze: Freeze, cluster: SparkCluster, tmp_path: Path
) -> None:
    """With SIGKILL for one of two executors in the middle of the extraction, every relation equals the oracle's rows.

    The jobs run again land nothing.
    """
    put_objects(bucket.store, ((file.name, file.content) for file in generate_corpus(300, seed=3)), lambda: None)
    bucket.fill({'odd keys/it\'s "quoted" 100%.mid': b"not a song"})
    manifest = freeze("run-1")
    environment = landing.warehouse.settings.to_environment() | bucket.settings.to_environment()

    extraction = cluster.submit("extract_instruments", manifest.manifest_id, environment)
    await_staged(landing.warehouse, 5)
    victim = cluster.executors()[0]
    victim.kill()
    told = finish(extraction)
    assert "objects: 301" in told
    assert "audited: 20 files" in told
    scoring = finish(cluster.submit("score_similarity", manifest.manifest_id, environment))
    assert "recall against the exact join: " in scoring
    again = finish(cluster.submit("extract_instruments", manifest.manifest_id, environment))
    assert f"0 of {manifest.partitions} partitions to do" in again
    landing.publish(manifest)
    verify_publication(landing.warehouse, manifest.manifest_id)

    oracle = [sys.executable, "-m", "include.scale.oracle", "--dag-run-id", "run-1", "--cache", str(tmp_path)]
    printed = subprocess.run(
        oracle, env={**cluster.environment, **environment}, capture_output=True, text=True, cwd=REPO_ROOT, check=True
    ).stdout
    assert landed(landing) == Counter(expected(line) for line in printed.splitlines())


def expected(line: str) -> tuple[object, ...]:
    """Name the relation and the key columns of an oracle's line."""
    entry = json.loads(line)
    return ("quarantined_file", entry["quarantined"]) if "quarantined" in entry else (entry["relation"], *entry["row"])


def landed(landing: FencedLanding) -> Counter[tuple[object, ...]]:
    """Read every row that consumers read, in the oracle's form."""
    rows: Counter[tuple[object, ...]] = Counter()
    for relation, columns in RELATIONS.items():
        query = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(relation)
        )
        found = landing.warehouse.transact(partial(_fetch, query))
        rows.update((relation, *row) for row in found)
    return rows


def _fetch(query: sql.Composed, cursor: Cursor[Row]) -> list[Row]:
    return cursor.execute(query).fetchall()
