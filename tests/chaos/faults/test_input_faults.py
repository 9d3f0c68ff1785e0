"""What the input faults put into a bucket is what they say, and their undo takes exactly that away."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from pydantic import ValidationError

from include.chaos.events import InjectionPrepared
from include.chaos.faults.duplicate_content import DuplicateContent
from include.chaos.faults.input_fault import InputFault
from include.chaos.faults.late_arrival import LateArrival
from include.chaos.faults.malformed_midi import MalformedMidi
from include.chaos.faults.oversized_object import OversizedObject
from include.chaos.faults.s3_error import S3Error
from include.chaos.model import Component, Target, TargetInstance
from include.errors import PlatformError
from include.scale.instruments import read_song, scan_songs
from include.scale.model import Rejection, Song
from include.settings import ScaleSettings

STORE = TargetInstance(name="object_store", component=Component.OBJECT_STORE, pid=7, started_at=1.0)
LONG = timedelta(seconds=5)


@dataclass
class FakeBucket:
    """A bucket in memory; `keeps` is a key that cannot be deleted, `room` how many fit."""

    objects: dict[str, bytes] = field(default_factory=dict)
    room: int = 1000
    keeps: str = ""

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        return instance

    def is_running(self, instance: TargetInstance) -> bool:
        return True

    def put_object(self, bucket: str, key: str, content: bytes) -> None:
        if len(self.objects) == self.room:
            raise PlatformError("no room")
        self.objects[key] = content

    def delete_objects(self, bucket: str, keys: Sequence[str]) -> None:
        for key in keys:
            if key != self.keeps:
                self.objects.pop(key, None)

    def count_objects(self, bucket: str, prefix: str, limit: int) -> int:
        return len([key for key in self.objects if key.startswith(prefix)][:limit])

    def read_objects(self, bucket: str, prefix: str, limit: int) -> Sequence[bytes]:
        return [content for key, content in sorted(self.objects.items()) if key.startswith(prefix)][:limit]


def injection(injection_id: str = "one") -> InjectionPrepared:
    return InjectionPrepared(
        injection_id=injection_id,
        lease_id="lease",
        strike="strike",
        instance=STORE,
        hold_for=LONG,
        hold_until=datetime(2026, 1, 1, tzinfo=UTC),
    )


def contents(fault: InputFault, count: int) -> list[bytes]:
    return list(islice(fault.contents(FakeBucket()), count))


def test_no_parser_takes_a_malformed_file_for_a_song() -> None:
    """Else it would not be one that must be quarantined."""
    broken = contents(MalformedMidi(bucket="songs"), 5)
    assert len(set(broken)) == 5
    assert all(isinstance(outcome, Rejection) for outcome in (*scan_songs(broken), *map(read_song, broken)))


def test_what_arrives_late_are_songs() -> None:
    """Each of three instruments, which is enough to be compared, and each of others than the one before."""
    songs = contents(LateArrival(bucket="songs"), 200)
    read = scan_songs(songs)
    assert read == [read_song(song) for song in songs]
    assert all(isinstance(song, Song) and len(song.programs) == 3 for song in read)
    assert len(set(songs)) == 128


def test_an_oversized_object_is_larger_than_scale_reads() -> None:
    """By default."""
    (content,) = contents(OversizedObject(bucket="songs"), 1)
    assert len(content) > ScaleSettings().object_bytes_limit


def test_duplicates_are_of_what_is_there() -> None:
    """Again from the beginning, where there is less than was asked for; where there is nothing, it is said."""
    bucket = FakeBucket({"in/a": b"1", "in/b": b"2", "out/c": b"3"})
    fault = DuplicateContent(bucket="songs", prefix="in/", count=3)
    fault.inject(injection(), bucket)
    assert [bucket.objects[f"in/duplicate_content-one-000{n}.mid"] for n in range(3)] == [b"1", b"2", b"1"]
    with pytest.raises(PlatformError, match="nothing to duplicate"):
        DuplicateContent(bucket="songs", prefix="none/").inject(injection(), bucket)


def test_an_undo_takes_away_its_own_only() -> None:
    """Not what another injection put, nor what was there, whatever it is called."""
    bucket = FakeBucket({"in/malformed_midi-mine.mid": b"", "in/song.mid": b""})
    before = dict(bucket.objects)
    fault = MalformedMidi(bucket="songs", prefix="in/", count=3)
    fault.inject(injection("other"), bucket)
    others = dict(bucket.objects)
    fault.inject(injection("one"), bucket)
    fault.recover(injection("one"), bucket)
    assert bucket.objects == others
    fault.recover(injection("other"), bucket)
    assert bucket.objects == before


def test_half_an_injection_is_undone_whole() -> None:
    """What could be put until it failed is deleted."""
    bucket = FakeBucket(room=2)
    fault = MalformedMidi(bucket="songs", count=5)
    with pytest.raises(PlatformError, match="no room"):
        fault.inject(injection(), bucket)
    assert len(bucket.objects) == 2
    fault.recover(injection(), bucket)
    assert bucket.objects == {}


def test_a_deletion_without_effect_is_no_undo() -> None:
    """It is tried again."""
    bucket = FakeBucket(keeps="malformed_midi-one-0001.mid")
    fault = MalformedMidi(bucket="songs", count=3)
    fault.inject(injection(), bucket)
    with pytest.raises(PlatformError, match="still listed"):
        fault.recover(injection(), bucket)


def test_one_that_somebody_deleted_is_a_fault_that_ended() -> None:
    """The hold is about all of them."""
    bucket = FakeBucket()
    fault = MalformedMidi(bucket="songs", count=3)
    fault.inject(injection(), bucket)
    assert fault.in_force(injection(), bucket)
    bucket.objects.popitem()
    assert not fault.in_force(injection(), bucket)


@pytest.mark.parametrize("fault", [MalformedMidi(bucket="songs"), S3Error(bucket="songs")])
def test_only_an_object_store_can_be_struck_and_only_for_a_while(fault: MalformedMidi | S3Error) -> None:
    """The message says what was expected."""
    assert fault.objection(Target(component=Component.OBJECT_STORE), LONG) is None
    assert "hold_for" in str(fault.objection(Target(component=Component.OBJECT_STORE), timedelta(0)))
    assert "component: object_store" in str(fault.objection(Target(component=Component.WAREHOUSE), LONG))


def test_a_prefix_is_a_folder() -> None:
    """Or objects would get names that no run reads."""
    with pytest.raises(ValidationError, match="pattern"):
        MalformedMidi(bucket="songs", prefix="in")


def test_odd_objects_hinder_no_client_and_a_store_that_errs_does() -> None:
    """Who recovers a run is inferred from it: nobody has to wait for a store that answers every request."""
    assert not InputFault.hinders_clients
    assert S3Error.hinders_clients
