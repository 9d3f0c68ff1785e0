"""Find out which songs sound alike.

Reads every MIDI file of a bucket, finds the instruments that sound in each, and scores every pair of songs by the
instruments they share.

| task | what it does |
|---|---|
| `freeze_manifest` | lists the bucket once: what is listed must land, or be quarantined with a reason |
| `extract_instruments` | Spark: fetches and parses the objects, stages their instruments |
| `score_similarity` | Spark: compares the distinct instrument sets, stages the pairs above the threshold |
| `publish` | shows all rows to consumers in one transaction |
| `verify_landing` | checks that consumers read this run's rows and that the counts reconcile |

Each task can be cleared and run again at any moment, from any half-done state, with the same result: work that is
staged is not done twice, and an older try that still lives can write nothing.
The rows land in `filename_instrument`, `filepair_similarity_score` and `quarantined_file`.
"""

from datetime import timedelta

from airflow.sdk import Asset, Param, chain, dag, get_current_context, task

from include.orchestration.retries import give_up_if_tried_before
from include.orchestration.spark_operator import ScaleSparkOperator

PARAMS = {
    "bucket": Param("songs", type="string", minLength=1, description="The bucket that holds the songs."),
    "prefix": Param("", type="string", description="Only songs in this folder of the bucket; empty for all."),
    "min_instruments": Param(
        3, type="integer", minimum=1, maximum=128, description="Score only songs with at least so many instruments."
    ),
    "threshold": Param(
        0.5, type="number", minimum=0, exclusiveMaximum=1, description="Keep pairs that score strictly above this."
    ),
    "extractor": Param(
        "scanner",
        type="string",
        enum=["scanner", "pretty_midi"],
        description="What finds the instruments: the compiled scanner, or the library that it agrees with, a thousand "
        "times slower.",
    ),
    "audit_fraction": Param(
        0.01,
        type="number",
        minimum=0,
        maximum=1,
        description="Share of the songs that pretty_midi reads beside the scanner, 20 at least unless it is 0. A "
        "disagreement fails the run.",
    ),
    "method": Param(
        "minhash",
        type="string",
        enum=["minhash", "exact"],
        description="How pairs are found. minhash: candidates by locality-sensitive hashing, each verified. exact: "
        "every pair.",
    ),
    "materialize": Param(
        "sets",
        type="string",
        enum=["sets", "pairs"],
        description="How rows are stored. sets: once for each instrument set, and the relations are views. pairs: "
        "spelled out song by song.",
    ),
    "reuse_unchanged": Param(
        True,  # noqa: FBT003  # a default
        type="boolean",
        description="Carry over the rows of objects that are unchanged since the published run, and fetch only others.",
    ),
    "landing": Param(
        "fenced",
        type="string",
        enum=["fenced", "append"],
        description="fenced: staged exactly once, then published at once. append: the original's way, known to lose "
        "and duplicate rows when a fault strikes.",
    ),
    "task_retries": Param(
        True,  # noqa: FBT003  # a default
        type="boolean",
        description="Off, a task that has failed is not tried again: to see what retries are worth.",
    ),
    "spark_task_failures": Param(
        4, type="integer", minimum=1, description="With so many failures of one Spark task its job fails."
    ),
}


@dag(
    schedule=None,
    max_active_runs=1,
    params=PARAMS,
    default_args={
        "retries": 5,
        "retry_delay": timedelta(seconds=3),
        "execution_timeout": timedelta(minutes=30),
        "pre_execute": give_up_if_tried_before,
    },
    doc_md=__doc__,
    tags=["scale"],
)
def scale_pipeline() -> None:
    """Land the instruments of every song, and every pair of songs that sound alike."""

    @task(execution_timeout=timedelta(minutes=10))
    def freeze_manifest() -> int:
        """List what must land."""
        from include.orchestration import scale_tasks

        context = get_current_context()
        return scale_tasks.freeze(context["run_id"], context["params"])

    @task(execution_timeout=timedelta(minutes=10))
    def publish(manifest_id: int) -> None:
        """Show all rows at once."""
        from include.orchestration import scale_tasks

        scale_tasks.publish(manifest_id)

    @task(execution_timeout=timedelta(minutes=5), outlets=[Asset(name="scale_similar_songs")])
    def verify_landing(manifest_id: int) -> None:
        """Check what consumers now read."""
        from include.orchestration import scale_tasks

        scale_tasks.verify(manifest_id)

    manifest_id = freeze_manifest()
    arguments = {"manifest_id": f"{manifest_id}"}  # the template that pulls it, since a command line holds only text
    extract = ScaleSparkOperator(task_id="extract_instruments", job="extract_instruments", **arguments)
    score = ScaleSparkOperator(task_id="score_similarity", job="score_similarity", **arguments)
    published = publish(manifest_id)  # type: ignore[arg-type]  # Airflow hands the XCom's value over
    verified = verify_landing(manifest_id)  # type: ignore[arg-type]
    chain(manifest_id, extract, score, published, verified)


scale_pipeline()
