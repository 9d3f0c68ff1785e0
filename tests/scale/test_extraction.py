"""Claims about what one extraction task makes of its objects."""

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from include.errors import ExtractionError
from include.object_gate.rules import ChangedObject, CorruptObject, Effect, MissingObject, Rule, TruncatedBody
from include.scale import midi_writer as midi
from include.scale.audit import LEAST_FILES, AuditSample, audit
from include.scale.extraction import ExtractionReport, ExtractPartition
from include.scale.fenced_landing import FencedLanding
from include.scale.instruments import EMPTY, read_song, scan_songs
from include.scale.model import Extractor, Manifest, Reading, Rejection, Song, Stage
from include.scale.object_store import Unavailable
from include.scale.scoring import ScorePartition, plan_join, scored_sets
from include.scale.warehouse import Warehouse
from tests.object_gate.gates import gate_before
from tests.scale.conftest import SMALL_PARTITIONS, Bucket, Freeze

SONG = midi.song([midi.program_change(0, 33) + midi.phrase(0, (60, 64), 120), midi.phrase(9, (36,), 120)])
SILENCE = midi.song([midi.title("nothing sounds")])


def extract_whole(bucket: Bucket, landing: FencedLanding, manifest: Manifest) -> list[ExtractionReport]:
    """Run every partition's task here."""
    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    work = ExtractPartition(attempt=attempt, landing=landing, object_store=bucket.settings, settings=SMALL_PARTITIONS)
    reports = [work(partition_id) for partition_id in attempt.pending]
    landing.complete(attempt)
    return reports


def publish(landing: FencedLanding, manifest: Manifest) -> None:
    """Score nothing and show the readings."""
    attempt = landing.begin(manifest, Stage.SCORE_SIMILARITY, 1)
    sets = landing.song_sets(manifest)
    landing.plan_sets(attempt, sets)
    scored = scored_sets(sets, manifest.min_instruments)
    join = plan_join(scored, Fraction(manifest.threshold), manifest.method)
    ScorePartition(attempt=attempt, landing=landing, sets=scored, join=join, check_recall=True)(0)
    landing.publish(manifest)


def staged(warehouse: Warehouse, manifest: Manifest) -> dict[str, list[int] | str]:
    """Give what each object of a manifest is: programs or a reason."""
    query = "SELECT filename, programs, reason FROM scale.reading WHERE manifest_id = %s"
    rows = warehouse.transact(lambda cursor: cursor.execute(query, [manifest.manifest_id]).fetchall())
    return {name: reason if programs is None else programs for name, programs, reason in rows}


@pytest.mark.parametrize("extractor", Extractor)
def test_every_object_is_accounted_for(
    bucket: Bucket, landing: FencedLanding, freeze: Freeze, extractor: Extractor
) -> None:
    """Songs give their instruments, silence gives none, all else is quarantined with its own reason."""
    bucket.fill({"song.mid": SONG, "silence.mid": SILENCE, "empty.mid": b"", "text.mid": b"<html>not a song</html>"})
    bucket.fill({"gone.mid": SONG, "changed.mid": SONG, "huge.mid": SONG + bytes(SMALL_PARTITIONS.object_bytes_limit)})
    manifest = freeze("run-1", extractor=extractor)
    bucket.remove("gone.mid")
    bucket.fill({"changed.mid": SILENCE})

    reports = extract_whole(bucket, landing, manifest)

    assert sum(report.objects for report in reports) == 7
    assert sum(report.audited for report in reports) == (4 if extractor is Extractor.SCANNER else 0)
    found = staged(landing.warehouse, manifest)
    assert "MThd" in str(found.pop("text.mid"))
    assert found == {
        "song.mid": [0, 33],
        "silence.mid": [],
        "empty.mid": EMPTY,
        "gone.mid": Unavailable.VANISHED,
        "changed.mid": Unavailable.CHANGED,
        "huge.mid": Unavailable.TOO_LARGE,
    }


@pytest.mark.parametrize(
    "lie", [CorruptObject(flips=1), TruncatedBody(keep=0.6), MissingObject(), ChangedObject()], ids=lambda it: it.kind
)
def test_no_row_is_made_of_a_lie(bucket: Bucket, landing: FencedLanding, freeze: Freeze, lie: Effect) -> None:
    """While the store lies, a task waits or fails; what lands at last is what was listed, and no song is given up."""
    bucket.fill({f"{number}.mid": SONG for number in range(6)})
    manifest = freeze("run-1", audit_fraction=0)
    with gate_before(bucket.settings.endpoint) as gate:
        gate.put("lie", Rule(bucket=bucket.name, share=0.5, effect=lie, expires_at=time.time() + 1))
        through = replace(bucket, settings=bucket.settings.model_copy(update={"endpoint": gate.url}))
        extract_whole(through, landing, manifest)
    assert staged(landing.warehouse, manifest) == {f"{number}.mid": [0, 33] for number in range(6)}


def test_unchanged_objects_are_not_fetched_again(bucket: Bucket, landing: FencedLanding, freeze: Freeze) -> None:
    """The next run carries their readings over; a changed, a new and a once unavailable object are fetched."""
    bucket.fill({"a.mid": SONG, "b.mid": b"not a song", "changes.mid": SONG, "late.mid": SONG})
    first = freeze("run-1")
    bucket.remove("late.mid")
    extract_whole(bucket, landing, first)
    publish(landing, first)
    bucket.fill({"changes.mid": SILENCE, "late.mid": SONG, "new.mid": SONG})
    second = freeze("run-2", audit_fraction=0)
    bucket.remove("a.mid", "b.mid")  # what is carried over is not asked for

    reports = extract_whole(bucket, landing, second)

    assert sum(report.carried_over for report in reports) == 2
    found = staged(landing.warehouse, second)
    assert "MThd" in str(found.pop("b.mid"))
    assert found == {"a.mid": [0, 33], "changes.mid": [], "late.mid": [0, 33], "new.mid": [0, 33]}


@pytest.mark.parametrize("asked", [{"reuse_unchanged": False}, {"extractor": "pretty_midi"}])
def test_nothing_is_carried_over_unless_it_was_read_alike(
    bucket: Bucket, landing: FencedLanding, freeze: Freeze, asked: dict[str, object]
) -> None:
    """A run that asks for a fresh reading, or for another extractor, fetches everything."""
    bucket.fill({"a.mid": SONG})
    first = freeze("run-1")
    extract_whole(bucket, landing, first)
    publish(landing, first)
    reports = extract_whole(bucket, landing, freeze("run-2", audit_fraction=0, **asked))
    assert sum(report.carried_over for report in reports) == 0


def test_what_is_carried_over_can_be_audited(bucket: Bucket, landing: FencedLanding, freeze: Freeze) -> None:
    """A wrong reading in the published run does not outlive the next audit."""
    bucket.fill({"a.mid": SONG})
    first = freeze("run-1")
    extract_whole(bucket, landing, first)
    publish(landing, first)
    landing.warehouse.transact(lambda cursor: cursor.execute("UPDATE scale.reading SET programs = '{1,2,3}'"))
    second = freeze("run-2")
    assert [report.audited for report in extract_whole(bucket, landing, second)] == [1]
    assert staged(landing.warehouse, second) == {"a.mid": [0, 33]}


def test_a_disagreement_names_the_file() -> None:
    """A scanner that would read a song otherwise than pretty_midi fails the run."""
    wrong = Reading(key="a song.mid", etag="1", outcome=Song(programs=(0,)))
    with pytest.raises(ExtractionError, match=r"s3://songs/a song\.mid: the scanner says .*\(0,\).*\(0, 33\)"):
        audit("songs", [(wrong, SONG)])
    refused = Reading(key="a.mid", etag="1", outcome=Rejection(reason="any"))
    with pytest.raises(ExtractionError):
        audit("songs", [(refused, SONG)])
    audit("songs", [(refused, b"not a song")])


@pytest.mark.parametrize(("objects", "fraction", "files"), [(3, "0.01", 3), (500, "0.01", 20), (5000, "0.01", 50)])
def test_the_sample_has_its_size_exactly(
    bucket: Bucket, freeze: Freeze, objects: int, fraction: str, files: int
) -> None:
    """Twenty files or the fraction, whichever is more, but no more than there are."""
    bucket.fill({"a.mid": SONG})
    frozen = freeze("run-1")
    for manifest_id in range(1, 50):
        manifest = replace(frozen, manifest_id=manifest_id, object_count=objects, audit_fraction=Decimal(fraction))
        sample = AuditSample.of(manifest)
        assert sum(sample.holds(ordinal) for ordinal in range(objects)) == files
    assert LEAST_FILES == 20


@pytest.mark.parametrize("read", [lambda content: scan_songs([content])[0], read_song], ids=["scanner", "pretty_midi"])
@pytest.mark.parametrize("content", [b"MT\x00d\x00\x00\x00\x06", b"", b"MThd"])
def test_a_reason_can_be_stored(read: Callable[[bytes], Song | Rejection], content: bytes) -> None:
    """PostgreSQL's text cannot hold NUL, and broken bytes are quoted in reasons; none is empty."""
    outcome = read(content)
    assert isinstance(outcome, Rejection)
    assert outcome.reason
    assert "\x00" not in outcome.reason
