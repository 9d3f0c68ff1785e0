"""Songs without files: a manifest whose objects count as extracted."""

from typing import Final

from psycopg import Cursor

from benchmarks.songs import song_name
from include.scale.bitmaps import Bitmaps
from include.scale.fenced_landing import FencedLanding
from include.scale.manifest import find_manifest
from include.scale.model import Manifest, ManifestRequest, Reading, Song, Stage
from include.scale.scanner import programs_of
from include.scale.staging import ReadPartition
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse

_PARTITION: Final = 8192


def extracted_manifest(warehouse: Warehouse, songs: Bitmaps, name: str) -> Manifest:
    """Freeze a manifest of songs with these sets, and stage their readings as if they had been read."""
    request = ManifestRequest(dag_run_id=name, bucket="synthetic", reuse_unchanged=False)
    keys = sorted(map(song_name, range(len(songs))))

    def freeze(cursor: Cursor[Row]) -> None:
        [manifest_id] = cursor.execute(statement("manifest/insert"), request.model_dump()).fetchone() or (None,)
        with cursor.copy(statement("manifest/copy_objects")) as copy:
            for ordinal, key in enumerate(keys):
                copy.write_row((manifest_id, ordinal, key, "", 0))
        cursor.execute(
            statement("manifest/seal"), {"manifest_id": manifest_id, "least": _PARTITION, "most": _PARTITION}
        )

    warehouse.transact(freeze)
    manifest = find_manifest(warehouse, name)
    _stage_readings(warehouse, manifest, keys, songs)
    return manifest


def _stage_readings(warehouse: Warehouse, manifest: Manifest, keys: list[str], songs: Bitmaps) -> None:
    landing = FencedLanding(warehouse=warehouse)
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    for partition_id in attempt.pending:
        readings = (
            Reading(key=keys[row], etag=None, outcome=Song(programs=tuple(sorted(programs_of(songs[row])))))
            for row in manifest.ordinals(partition_id)
        )
        landing.stage_readings(attempt, ReadPartition(partition_id=partition_id, readings=tuple(readings)))
    landing.complete(attempt)
