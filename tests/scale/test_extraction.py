"""Claims about what one extraction task makes of its objects."""

import io
import os
import warnings
from datetime import timedelta
from pathlib import Path

import pretty_midi
import pytest

from include.scale import midi_writer as midi
from include.scale.extraction import ExtractPartition, extract
from include.scale.fenced_landing import FencedLanding
from include.scale.instruments import EMPTY, Rejection, read_instruments
from include.scale.model import Manifest, MidiObject, Relation, Stage
from include.scale.object_store import Unavailable
from include.scale.staging import StagedPartition
from tests.scale.conftest import Bucket, Freeze

REAL_SONGS = Path(__file__).parents[2] / "../shared/midi"
SONG = midi.song([midi.program_change(0, 33) + midi.phrase(0, (60, 64), 120), midi.phrase(9, (36,), 120)])
SILENCE = midi.song([midi.title("nothing sounds")])


def extract_whole(bucket: Bucket, landing: FencedLanding, manifest: Manifest) -> list[StagedPartition]:
    """Run every partition's task here."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    work = ExtractPartition(
        attempt=attempt,
        bucket=bucket.name,
        landing=landing,
        object_store=bucket.settings,
        gets_in_flight=8,
        patience=timedelta(seconds=10),
    )
    return [work(partition_id) for partition_id in attempt.pending]


def rows_of(partitions: list[StagedPartition], relation: Relation) -> set[tuple[object, ...]]:
    """Gather the rows of one relation."""
    return {tuple(row) for partition in partitions for row in partition.rows[relation]}


def test_every_object_is_accounted_for(bucket: Bucket, landing: FencedLanding, freeze: Freeze) -> None:
    """Songs give their instruments, silence gives nothing, all else is quarantined with its own reason."""
    bucket.fill({"song.mid": SONG, "silence.mid": SILENCE, "empty.mid": b"", "text.mid": b"<html>not a song</html>"})
    bucket.fill({"gone.mid": SONG, "changed.mid": SONG})
    manifest = freeze("run-1")
    bucket.remove("gone.mid")
    bucket.fill({"changed.mid": SILENCE})

    partitions = extract_whole(bucket, landing, manifest)

    assert sum(partition.objects for partition in partitions) == 6
    assert rows_of(partitions, Relation.FILENAME_INSTRUMENT) == {("song.mid", 0), ("song.mid", 33)}
    reasons = {str(row[0]): str(row[1]) for row in rows_of(partitions, Relation.QUARANTINED_FILE)}
    assert reasons.keys() == {"empty.mid", "text.mid", "gone.mid", "changed.mid"}
    assert reasons["empty.mid"] == EMPTY
    assert reasons["gone.mid"] == Unavailable.VANISHED
    assert reasons["changed.mid"] == Unavailable.CHANGED
    assert "MThd" in reasons["text.mid"]
    landing.complete(landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions))


def test_a_reason_holds_no_nul() -> None:
    """PostgreSQL's text cannot hold NUL, and broken bytes are quoted in reasons."""
    read = read_instruments(b"MT\x00d\x00\x00\x00\x06")
    assert isinstance(read, Rejection)
    assert "\x00" not in read.reason


@pytest.mark.skipif(not REAL_SONGS.is_dir(), reason="real songs are not at hand")
def test_real_songs_are_read_as_pretty_midi_reads_them() -> None:
    """The 150 smallest real files: landed with pretty_midi's programs, or quarantined where it rejects them."""
    songs = [path for path in REAL_SONGS.rglob("*") if path.suffix.lower() in {".mid", ".midi"}]
    paths = sorted(songs, key=lambda path: path.stat().st_size)[:150]
    objects = [MidiObject(key=os.fspath(path), etag="", size=0) for path in paths]
    partition = extract(0, [(listed, Path(listed.key).read_bytes()) for listed in objects])
    quarantined = {row[0] for row in partition.rows[Relation.QUARANTINED_FILE]}
    for listed in objects:
        landed = {row[1] for row in partition.rows[Relation.FILENAME_INSTRUMENT] if row[0] == listed.key}
        assert (landed, listed.key in quarantined) == reference(Path(listed.key).read_bytes())


def reference(content: bytes) -> tuple[set[object], bool]:
    """Give the programs, and whether the file is rejected."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return {i.program for i in pretty_midi.PrettyMIDI(io.BytesIO(content)).instruments}, False
    except Exception:  # noqa: BLE001  # the reference rejects by raising anything
        return set(), True
