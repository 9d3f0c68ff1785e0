"""The places in Scale's work at which a crash is most interesting; see docs/failpoints.md."""

from enum import StrEnum

from include.failpoints import Failpoint, reach
from include.scale.staging import StageTry


class Place(StrEnum):
    """A failpoint's name, as experiments have it."""

    BUCKET_UNLISTED = "bucket_unlisted"
    """Nothing is listed yet: what comes into the bucket now is in the manifest."""
    MANIFEST_FROZEN = "manifest_frozen"
    """The manifest is committed, and Airflow does not know it."""
    PARTITION_WRITTEN = "partition_written"
    """A partition's rows are written, and not committed."""
    PARTITION_COMMITTED = "partition_committed"
    """A partition's rows are committed, and its Spark task has not reported."""
    STAGE_COMPLETE = "stage_complete"
    """All partitions are committed and checked, and Airflow does not know it."""
    RELATIONS_SHOWN = "relations_shown"
    """Both relations show the new rows, in a transaction that is not committed."""
    PUBLISHED = "published"
    """The publication is committed, and Airflow does not know it."""


def pass_by(place: Place, attempt: StageTry) -> None:
    """Pass a place within a try of a stage; unless an order says otherwise."""
    pass_in_run(place, stage=attempt.stage, dag_run_id=attempt.manifest.dag_run_id)


def pass_in_run(place: Place, *, stage: str, dag_run_id: str) -> None:
    """Pass a place in a task that holds no try."""
    reach(Failpoint(run_id=dag_run_id, stage=stage, name=place))
