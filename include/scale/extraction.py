"""What one Spark task of `extract_instruments` does: GET a partition's objects, read them, land what they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from include.scale.audit import AuditSample, audit
from include.scale.instruments import reader_of
from include.scale.manifest import ListedObject, read_partition
from include.scale.model import MidiObject, Reading, Rejection
from include.scale.object_store import Unavailable, fetch_objects, open_bucket
from include.scale.staging import Landing, ReadPartition, StageTry
from include.settings import ObjectStoreSettings, ScaleSettings

_READ_AT_ONCE = 64
_BYTES_READ_AT_ONCE = 32 * 2**20
"""Contents that are read together: enough to keep the scanner busy, few enough to be held."""

Fetched: TypeAlias = tuple[MidiObject, bytes | Unavailable]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionReport:
    """What became of a partition's objects; counts. `audited` are those that pretty_midi has read, too."""

    objects: int
    carried_over: int
    rejected: int
    audited: int
    relation_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractPartition:
    """Extract one partition of the manifest. Can be pickled: connections are made in the task."""

    attempt: StageTry
    landing: Landing
    object_store: ObjectStoreSettings
    settings: ScaleSettings

    def __call__(self, partition_id: int) -> ExtractionReport:
        """Land the partition and give what it holds."""
        sample = AuditSample.of(self.attempt.manifest)
        objects = read_partition(self.landing.warehouse, self.attempt.manifest, partition_id)
        audited = {it.listed.key for it in objects if sample.holds(it.ordinal)}
        known = {it.listed.key: it.known for it in objects if it.known and it.listed.key not in audited}
        fresh = {it.key: it for it in self._read(_unknown(objects, known), audited)}
        partition = ReadPartition(
            partition_id=partition_id,
            readings=tuple(known.get(it.listed.key) or fresh[it.listed.key] for it in objects),
        )
        self.landing.stage_readings(self.attempt, partition)
        return ExtractionReport(
            objects=len(objects),
            carried_over=len(known),
            rejected=sum(isinstance(reading.outcome, Rejection) for reading in partition.readings),
            audited=sum(it.key in audited and not _is_unavailable(it) for it in partition.readings),
            relation_rows=partition.relation_rows(),
        )

    def _read(self, objects: list[MidiObject], audited: set[str]) -> Iterator[Reading]:
        """Fetch and read objects; audit those that are to be."""
        manifest = self.attempt.manifest
        store = open_bucket(self.object_store, manifest.bucket, self.settings.patience)
        fetched = fetch_objects(
            store,
            objects,
            in_flight=self.settings.gets_in_flight,
            object_bytes_limit=self.settings.object_bytes_limit,
            etags_are_digests=self.settings.etags_are_digests,
        )
        for batch in _batches(fetched):
            readings = self._read_contents(batch)
            contents = zip(readings, (content for _, content in batch), strict=True)
            audit(manifest.bucket, [(it, c) for it, c in contents if it.key in audited and isinstance(c, bytes)])
            yield from readings

    def _read_contents(self, fetched: Sequence[Fetched]) -> list[Reading]:
        read_songs = reader_of(self.attempt.manifest.extractor)
        outcomes = iter(read_songs([content for _, content in fetched if isinstance(content, bytes)]))
        return [
            Reading(key=listed.key, etag=listed.etag or None, outcome=next(outcomes))
            if isinstance(content, bytes)
            else Reading(key=listed.key, etag=None, outcome=Rejection(reason=content))
            for listed, content in fetched
        ]


def _unknown(objects: list[ListedObject], known: dict[str, Reading]) -> list[MidiObject]:
    return [it.listed for it in objects if it.listed.key not in known]


def _is_unavailable(reading: Reading) -> bool:
    """Tell whether there was no content to read, by anybody."""
    return isinstance(reading.outcome, Rejection) and reading.outcome.reason in set(Unavailable)


def _batches(fetched: Iterator[Fetched]) -> Iterator[list[Fetched]]:
    """Cut what is fetched into batches, of few objects if they are large."""
    batch: list[Fetched] = []
    held = 0
    for each in fetched:
        batch.append(each)
        held += len(each[1])
        if len(batch) == _READ_AT_ONCE or held >= _BYTES_READ_AT_ONCE:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
