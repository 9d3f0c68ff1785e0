"""The Spark jobs, submitted as Airflow submits them, land what the oracle expects."""

import json
import os
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from psycopg import Cursor, sql

from include.scale.corpus import generate_corpus
from include.scale.corpus_upload import put_objects
from include.scale.fenced_landing import FencedLanding
from include.scale.model import Manifest
from include.scale.publication import verify_publication
from include.scale.warehouse import Row
from include.settings import REPO_ROOT
from tests.scale.conftest import Bucket, Freeze

RELATIONS = {
    "filename_instrument": ("filename", "instrument"),
    "filepair_similarity_score": ("filename_a", "filename_b", "similarity_score"),
    "quarantined_file": ("filename",),
}


def submit(job: str, manifest: Manifest, environment: dict[str, str]) -> str:
    """Run a job on two local cores and give what its driver printed."""
    program = [str(Path(sys.executable).parent / "spark-submit"), "--master", "local[2]"]
    command = [*program, str(REPO_ROOT / "spark_jobs" / f"{job}.py"), "--manifest-id", str(manifest.manifest_id)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=REPO_ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(400)  # three JVMs, each of which takes a quarter of a minute and much more on a busy machine
def test_the_jobs_land_what_the_oracle_expects(
    bucket: Bucket, landing: FencedLanding, freeze: Freeze, tmp_path: Path
) -> None:
    """After both jobs and a publication, every relation equals the oracle's rows; the jobs run again land nothing."""
    put_objects(bucket.store, ((file.name, file.content) for file in generate_corpus(24, seed=3)), lambda: None)
    bucket.fill({'odd keys/it\'s "quoted" 100%.mid': b"not a song"})
    manifest = freeze("run-1")
    environment = os.environ | landing.warehouse.settings.to_environment() | bucket.settings.to_environment()
    environment |= {"PYTHONPATH": str(REPO_ROOT), "PYSPARK_PYTHON": sys.executable, "SCALE_PARTITION_SETS": "8"}

    submit("extract_instruments", manifest, environment)
    submit("score_similarity", manifest, environment)
    assert "0 partitions landed by this try" in submit("extract_instruments", manifest, environment)
    landing.publish(manifest)
    verify_publication(landing.warehouse, manifest.manifest_id)

    oracle = [sys.executable, "-m", "include.scale.oracle", "--dag-run-id", "run-1", "--cache", str(tmp_path)]
    printed = subprocess.run(oracle, env=environment, capture_output=True, text=True, cwd=REPO_ROOT, check=True).stdout
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
