"""What one Spark task of `extract_instruments` does: GET a partition's objects, parse them, land the rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from include.scale.instruments import Rejection, read_instruments
from include.scale.manifest import read_partition
from include.scale.model import InstrumentRow, MidiObject, QuarantineRow, Relation
from include.scale.object_store import Unavailable, fetch_objects, open_bucket
from include.scale.staging import LandedRow, Landing, StagedPartition, StageTry
from include.settings import ObjectStoreSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractPartition:
    """Extract one partition of the manifest. Can be pickled: connections are made in the task."""

    attempt: StageTry
    bucket: str
    landing: Landing
    object_store: ObjectStoreSettings
    gets_in_flight: int
    patience: timedelta

    def __call__(self, partition_id: int) -> StagedPartition:
        """Land the partition and give what it holds."""
        objects = read_partition(self.landing.warehouse, self.attempt.manifest_id, partition_id)
        store = open_bucket(self.object_store, self.bucket, self.patience)
        contents = fetch_objects(store, objects, self.gets_in_flight)
        partition = extract(partition_id, zip(objects, contents, strict=True))
        self.landing.stage(self.attempt, partition)
        return partition


def extract(partition_id: int, fetched: Iterable[tuple[MidiObject, bytes | Unavailable]]) -> StagedPartition:
    """Turn fetched objects into rows: one for each instrument of a song, one for each object that is not a song."""
    objects = 0
    instruments: list[LandedRow] = []
    quarantine: list[LandedRow] = []
    for listed, content in fetched:
        objects += 1
        read = Rejection(reason=content) if isinstance(content, Unavailable) else read_instruments(content)
        if isinstance(read, Rejection):
            quarantine.append(QuarantineRow(listed.key, read.reason))
        else:
            instruments.extend(InstrumentRow(listed.key, program) for program in sorted(read))
    return StagedPartition(
        partition_id=partition_id,
        objects=objects,
        rows={Relation.FILENAME_INSTRUMENT: instruments, Relation.QUARANTINED_FILE: quarantine},
    )
