"""The whole pipeline, from a bucket 20 ms away to rows that consumers read, against the original's way.

Both run on the same generated files, servers and cores (`local[2]`), in one warm session; opening it and the first
jobs are shown apart. Ours: freeze, extract (with its audit by pretty_midi), score, publish, as the DAG's tasks do it.
The original: a loop on the driver that gets and parses one file at a time, rows through JDBC, MLlib's join, pairs
through JDBC. Generated files are smaller than real ones, so that pretty_midi has it easier here than in the wild.

The original is bound by its loop, a round trip and a parse for each file, until MLlib's join outgrows it, which is
quadratic. Ours is bound by the CPU of GETs, proxy and server included, and, with few files, by the fixed costs of two
Spark jobs, some transactions, and an audit of at least 20 files.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from psycopg import sql
from pyspark.sql import SparkSession

from benchmarks import original
from benchmarks.gets import ROUND_TRIP
from benchmarks.grounds import (
    BUCKET,
    JDBC_JAR,
    PATIENCE,
    WITHOUT_JDBC,
    bucket_of,
    database_server,
    new_warehouse,
    opened,
    spark_on,
)
from benchmarks.latency_proxy import delayed
from benchmarks.lines import Line, against, alone, skipped, theirs_alone
from benchmarks.measured import Measured, timed
from benchmarks.progress import tell
from benchmarks.scope import Scope
from benchmarks.songs import named_contents
from include.scale.corpus import CorpusFile, generate_corpus
from include.scale.landing import landing_of
from include.scale.manifest import freeze_manifest
from include.scale.model import Manifest, ManifestRequest
from include.scale.object_store import open_bucket
from include.scale.publication import verify_publication
from include.scale.spark.stages import extract_instruments, score_similarity
from include.scale.warehouse import Warehouse
from include.settings import ObjectStoreSettings, ScaleSettings
from tests.scale.servers import PostgresServer

_WARM_FILES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of a pipeline: each step's time, and the rows of the two relations."""

    steps: dict[str, Measured]
    instruments: int
    pairs: int

    def total(self) -> Measured:
        """Add the steps up."""
        return sum(self.steps.values(), Measured(seconds=(0.0,), cpu_seconds=(0.0,)))

    def told(self) -> str:
        """Spell the steps out."""
        return ", ".join(f"{name} {measured}" for name, measured in self.steps.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What both pipelines run on; ours lands in a warehouse that has seen runs before."""

    spark: SparkSession
    server: PostgresServer
    warehouse: Warehouse


def measure(scope: Scope) -> Iterator[Line]:
    """Run both, on fewer files and on more."""
    with ExitStack() as stack:
        server = stack.enter_context(database_server())
        spark, opening = timed(lambda: stack.enter_context(spark_on(2)))
        yield alone("start-up: JVM and session, for both sides", opening)
        grounds = Grounds(spark=spark, server=server, warehouse=new_warehouse(server))
        yield _warm(grounds, scope)
        yield from _compare(grounds, scope, scope.pipeline_files, sample=None, at_least=5)
        yield from _compare(grounds, scope, scope.scaled_files, sample=scope.sampled_files, at_least=40)


def _warm(grounds: Grounds, scope: Scope) -> Line:
    """Run both once on a few files: compile, load, start workers."""
    files = list(generate_corpus(_WARM_FILES, scope.seed + 1))
    what = f"start-up: the first jobs, of {_WARM_FILES} files"
    with bucket_of(named_contents(files)) as bucket:
        ours = _run_ours(grounds, bucket, "warm")
        if not JDBC_JAR.exists():
            return alone(what, ours.total())
        return against(what, ours.total(), _run_original(grounds, bucket, files, sample=None).total())


def _compare(grounds: Grounds, scope: Scope, count: int, *, sample: int | None, at_least: float) -> Iterator[Line]:
    """Run both on so many files; the original reads all of them, or a sample."""
    what = f"{count:,} files at 20 ms"
    files = list(generate_corpus(count, scope.seed))
    with bucket_of(named_contents(files)) as bucket, delayed(bucket, ROUND_TRIP) as distant:
        tell(f"{what}: ours")
        ours = _run_ours(grounds, distant, what)
        if not JDBC_JAR.exists():
            yield alone(f"{what}: whole pipeline", ours.total(), note=ours.told())
            yield skipped(f"{what}: the original", WITHOUT_JDBC)
            return
        tell(f"{what}: the original")
        theirs = _run_original(grounds, distant, files, sample=sample)
    yield against(
        f"{what}: whole pipeline / the original",
        ours.total(),
        theirs.total(),
        at_least=at_least,
        scaled=sample is not None,
        note=f"rows landed: {ours.instruments:,} and {ours.pairs:,} / {theirs.instruments:,} and {theirs.pairs:,}",
    )
    yield from (alone(f"{what}: {step}", measured) for step, measured in ours.steps.items())
    yield from (theirs_alone(f"{what}: {step}", measured) for step, measured in theirs.steps.items())


def _run_ours(grounds: Grounds, bucket: ObjectStoreSettings, name: str) -> Ran:
    """Run the tasks of the DAG, one after the other, on files that no run has read before."""
    settings, warehouse = ScaleSettings(), grounds.warehouse
    session = opened(grounds.spark)
    manifest, freezing = timed(lambda: _freeze(warehouse, bucket, settings, name))
    _, extracting = timed(lambda: list(extract_instruments(session, warehouse, bucket, manifest, settings)))
    _, scoring = timed(lambda: list(score_similarity(session, warehouse, manifest, settings)))
    _, publishing = timed(lambda: landing_of(manifest, warehouse).publish(manifest))
    published = verify_publication(warehouse, manifest.manifest_id)
    steps = {"freeze": freezing, "extract": extracting, "score": scoring, "publish": publishing}
    return Ran(steps=steps, instruments=published.instrument_rows, pairs=published.pair_rows)


def _freeze(warehouse: Warehouse, bucket: ObjectStoreSettings, settings: ScaleSettings, name: str) -> Manifest:
    request = ManifestRequest(dag_run_id=name, bucket=BUCKET, reuse_unchanged=False)
    manifest = freeze_manifest(warehouse, open_bucket(bucket, BUCKET, PATIENCE), request, settings)
    landing_of(manifest, warehouse).prepare(manifest)
    return manifest


def _run_original(
    grounds: Grounds, bucket: ObjectStoreSettings, files: Sequence[CorpusFile], *, sample: int | None
) -> Ran:
    """Run the original's steps; a sample is scaled up, and the rows of all files are then the generator's."""
    warehouse = grounds.server.create_database()
    keys = [file.name for file in files]
    read_keys = keys if sample is None else keys[:: len(keys) // sample][:sample]
    client = original.connect(bucket)
    rows, reading = timed(lambda: list(original.read_songs(client, BUCKET, read_keys)), items=len(read_keys))
    if sample is not None:
        rows = [(file.name, program) for file in files for program in sorted(file.programs)]
    instruments = original.instruments_frame(grounds.spark, rows)
    _, appending = timed(lambda: original.append(instruments, "filename_instrument", warehouse))
    pairs = original.similar_pairs(original.vectors_frame(instruments))
    _, joining = timed(lambda: original.append(pairs, "filepair_similarity_score", warehouse))
    scaled = f" ({sample} of {len(keys):,}, scaled)" if sample is not None else ""
    steps = {
        f"the original's GET and parse{scaled}": reading.scaled_to(len(keys)),
        "the original's rows by JDBC": appending,
        "MLlib's join, pairs by JDBC": joining,
    }
    return Ran(
        steps=steps,
        instruments=len(rows),
        pairs=_count(grounds.server, warehouse.dbname, "filepair_similarity_score"),
    )


def _count(server: PostgresServer, dbname: str, table: str) -> int:
    with server.connect(dbname) as connection:
        [count] = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone() or (
            0,
        )
        return int(count)
