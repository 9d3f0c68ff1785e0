"""The scanner says what pretty_midi says, of real files, of mutated ones, and of one written for each rule."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.scale.scanner import ACCEPTED, RejectReason, programs_of, scan_buffer, scan_files, warm
from include.scale.scanner_kernel import MAX_PAYLOAD, TICK_LIMIT
from include.settings import REPO_ROOT
from tests.scale.midi_mutations import (
    REAL_SONGS,
    Song,
    chunk,
    find_mismatches,
    meta,
    mutate,
    quantity,
    read_reference,
    read_scanned,
    real_songs,
)

ON, OFF, CLOCK = b"\x90\x3c\x40", b"\x80\x3c\x40", b"\xf8"
PROGRAM_5, PROGRAM_70 = b"\xc0\x05", b"\xc0\x46"
SOUND = b"\x00" + ON + b"\x60" + OFF
SMPTE = 0xE250

REAL_PATHS = sorted(REAL_SONGS.rglob("*.mid"))
SMALL_SONGS = real_songs(largest=2_000)

needs_real_songs = pytest.mark.skipif(not REAL_SONGS.is_dir(), reason="no real files beside the project")


def song(*tracks: bytes, division: int = 96, kind: int = 1) -> bytes:
    """Write a file of whole tracks."""
    return Song(tracks=tuple((track,) for track in tracks), division=division, kind=kind).encode()


def first_meta(kind: int, payload: bytes) -> bytes:
    """Write a file whose first track begins with a meta; program 0 sounds in it."""
    return song(b"\x00" + meta(kind, payload) + SOUND)


def later_meta(kind: int, payload: bytes) -> bytes:
    """Write a file whose second track begins with a meta; program 0 sounds in both."""
    return song(SOUND, b"\x00" + meta(kind, payload) + SOUND)


ACCEPTED_SONGS: dict[str, tuple[bytes, set[int]]] = {
    "a note sounds its channel's program": (song(b"\x00" + PROGRAM_5 + SOUND), {5}),
    "programs above 63 are in the second word": (song(b"\x00" + PROGRAM_70 + SOUND), {70}),
    "a channel plays program 0 until told otherwise": (song(b"\x00\xc1\x05" + SOUND), {0}),
    "programs do not outlive their track": (song(b"\x00" + PROGRAM_5 + SOUND, SOUND), {0, 5}),
    "a program without notes adds nothing": (song(b"\x00" + PROGRAM_5), set()),
    "a note's program is the one at its end": (song(b"\x00" + ON + b"\x00" + PROGRAM_5 + b"\x60" + OFF), {5}),
    "drums add their program": (song(b"\x00\x99\x3c\x40\x60\x89\x3c\x40"), {0}),
    "a note that is not closed adds nothing": (song(b"\x00" + ON + b"\x60" + CLOCK), set()),
    "a note does not outlive its track": (song(b"\x60" + ON, b"\x70" + OFF), set()),
    "a note of no length adds nothing": (song(b"\x00" + ON + b"\x00" + OFF), set()),
    "a note of no length is forgotten": (song(b"\x00" + ON + b"\x00" + OFF + b"\x60" + OFF), set()),
    "an end without a beginning adds nothing": (song(b"\x60" + OFF), set()),
    "velocity 0 ends a note": (song(b"\x00" + ON + b"\x60\x90\x3c\x00"), {0}),
    "an end closes its own pitch only": (song(b"\x00" + ON + b"\x60\x80\x3d\x40"), set()),
    "an end closes its own channel only": (song(b"\x00" + ON + b"\x60\x81\x3c\x40"), set()),
    "an end closes all notes of its key": (
        song(b"\x00" + ON + b"\x01" + ON + b"\x01" + OFF + b"\x00" + PROGRAM_5 + b"\x01" + OFF),
        {0},
    ),
    "a note that begins where others end goes on": (
        song(b"\x00" + ON + b"\x01" + ON + b"\x00" + OFF + b"\x00" + PROGRAM_5 + b"\x01" + OFF),
        {0, 5},
    ),
    "two ends at one tick close only what began before": (
        song(b"\x00" + ON + b"\x01" + ON + b"\x00" + OFF + b"\x00" + OFF + b"\x00" + PROGRAM_5 + b"\x01" + OFF),
        {0},
    ),
    "running status repeats the last status": (song(b"\x00" + ON + b"\x60\x3c\x00"), {0}),
    "running status outlives metas": (song(b"\x00" + ON + b"\x00" + meta(0x01, b"la") + b"\x60\x3c\x00"), {0}),
    "running status repeats F1": (song(b"\x00\xf1\x01\x00\x02" + SOUND), {0}),
    "the byte after running system exclusive is dropped": (song(b"\x00\xf0\x01\x01\x00\x55\x02\x01\x01" + SOUND), {0}),
    "F0 may begin and F7 may end a system exclusive": (song(b"\x00\xf0\x03\xf0\x01\xf7" + SOUND), {0}),
    "a system exclusive may be empty": (song(b"\x00\xf7\x00" + SOUND), {0}),
    "real-time and common messages are read over": (song(b"\x00\xf8\x00\xf2\x01\x02\x00\xf3\x01\x00\xf6" + SOUND), {0}),
    "one- and two-byte messages are read over": (song(b"\x00\xd0\x01\x00\xa0\x01\x02\x00\xb0\x01\x02" + SOUND), {0}),
    "end of track ends nothing": (first_meta(0x2F, b""), {0}),
    "an unknown meta does not move time": (
        song(b"\x00" + ON + b"\x60" + meta(0x4B, b"") + b"\x00" + OFF),
        set(),
    ),
    "a known meta moves time": (song(b"\x00" + ON + b"\x60" + meta(0x7F, b"") + b"\x00" + OFF), {0}),
    "an unknown meta may be later than any tick": (song(SOUND + b"\xff\xff\xff\x7f" + meta(0x4B, b"")), {0}),
    "the last tick is 9,999,999": (song(SOUND + quantity(TICK_LIMIT - 1 - 0x60) + CLOCK), {0}),
    "a delta time may have idle bytes": (
        song(b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00" + ON + b"\x60" + OFF),
        {0},
    ),
    "a sequence number may be empty": (first_meta(0x00, b""), {0}),
    "a port may be empty": (first_meta(0x21, b""), {0}),
    "a tempo of 0 is harmless in later tracks": (later_meta(0x51, b"\x00\x00\x00"), {0}),
    "a numerator of 0 is harmless in later tracks": (later_meta(0x58, b"\x00\x02\x18\x08"), {0}),
    "seven flats are a key": (first_meta(0x59, b"\xf9\x01"), {0}),
    "an SMPTE offset may go to its limits": (first_meta(0x54, b"\x7f\x3b\x3b\xff\x63"), {0}),
    "bytes beyond a meta's own are ignored": (first_meta(0x58, b"\x04\x02\x18\x08\xff"), {0}),
    "the format is ignored": (song(SOUND, kind=0x7FFF), {0}),
    "a header may be longer than 6 bytes": (chunk(b"MThd", b"\0\1\0\1\0\x60??") + chunk(b"MTrk", SOUND), {0}),
    "what follows the last track is ignored": (song(SOUND) + b"MTrk, or not", {0}),
    "SMPTE time is harmless without notes": (song(b"\x60" + PROGRAM_5, division=SMPTE), set()),
    "SMPTE time is harmless to signatures at tick 0": (
        song(b"\x00" + meta(0x58, b"\x04\x02\x18\x08") + b"\x00" + meta(0x59, b"\0\0"), division=SMPTE),
        set(),
    ),
    "SMPTE time is harmless to signatures in later tracks": (
        song(b"\x00" + CLOCK, b"\x60" + meta(0x59, b"\0\0"), division=SMPTE),
        set(),
    ),
}

REJECTED_SONGS: dict[str, tuple[bytes, RejectReason]] = {
    "nothing": (b"", RejectReason.NOT_MIDI),
    "another kind of file": (b"RIFF" + song(SOUND)[4:], RejectReason.NOT_MIDI),
    "a header alone": (b"MThd\0\0\0\6", RejectReason.SHORT_HEADER),
    "a header of 5 bytes": (chunk(b"MThd", b"\0\1\0\1\0") + chunk(b"MTrk", SOUND), RejectReason.SHORT_HEADER),
    "no tracks": (song(), RejectReason.NO_TRACKS),
    "a negative number of tracks": (b"MThd\0\0\0\6\0\1\xff\xff\0\x60", RejectReason.NO_TRACKS),
    "division 0": (song(SOUND, division=0), RejectReason.ZERO_DIVISION),
    "fewer tracks than announced": (b"MThd\0\0\0\6\0\1\0\2\0\x60" + chunk(b"MTrk", SOUND), RejectReason.MISSING_TRACK),
    "a header longer than the file": (b"MThd\0\0\xff\xff" + song(SOUND)[8:], RejectReason.MISSING_TRACK),
    "another kind of chunk": (song(SOUND).replace(b"MTrk", b"XFIH"), RejectReason.NOT_A_TRACK),
    "an empty track": (song(SOUND, b""), RejectReason.EMPTY_TRACK),
    "a track cut short": (song(SOUND)[:-1], RejectReason.TRUNCATED_TRACK),
    "a track longer than the file, that would end": (song(SOUND + b"\0")[:-1], RejectReason.TRUNCATED_TRACK),
    "a delta time without an event": (song(SOUND + b"\0"), RejectReason.EVENT_PAST_TRACK),
    "an unfinished delta time": (song(SOUND + b"\x80"), RejectReason.EVENT_PAST_TRACK),
    "a note cut short": (song(SOUND + b"\0\x90\x3c"), RejectReason.EVENT_PAST_TRACK),
    "a program change cut short": (song(SOUND + b"\0\xc0"), RejectReason.EVENT_PAST_TRACK),
    "a song position cut short": (song(SOUND + b"\0\xf2\x01"), RejectReason.EVENT_PAST_TRACK),
    "a meta without a type": (song(SOUND + b"\0\xff"), RejectReason.EVENT_PAST_TRACK),
    "a meta without a length": (song(SOUND + b"\0\xff\1"), RejectReason.EVENT_PAST_TRACK),
    "a meta cut short": (song(SOUND + b"\0\xff\1\2a"), RejectReason.EVENT_PAST_TRACK),
    "a system exclusive cut short": (song(SOUND + b"\0\xf0\2a"), RejectReason.EVENT_PAST_TRACK),
    "an event that ends in the next track": (song(SOUND + b"\0\x90\x3c", SOUND), RejectReason.EVENT_PAST_TRACK),
    "tick 10,000,000": (song(SOUND + quantity(TICK_LIMIT - 0x60) + CLOCK), RejectReason.TICK_TOO_LARGE),
    "an endless delta time": (song(b"\xff" * 40 + b"\x7f" + CLOCK), RejectReason.TICK_TOO_LARGE),
    "data before any status": (song(b"\0\x3c\x40"), RejectReason.NO_RUNNING_STATUS),
    "data after a meta only": (song(b"\0" + meta(0x01, b"la") + b"\0\x3c\x40"), RejectReason.NO_RUNNING_STATUS),
    "running status from another track": (song(SOUND, b"\0\x3c\x40"), RejectReason.NO_RUNNING_STATUS),
    "data after a clock": (song(b"\0\xf8\0\x01"), RejectReason.DATALESS_RUNNING_STATUS),
    "a pitch above 127": (song(b"\0\x90\x80\x40"), RejectReason.DATA_BYTE),
    "a velocity above 127": (song(b"\0\x90\x3c\x80"), RejectReason.DATA_BYTE),
    "a program above 127": (song(b"\0\xc0\x80"), RejectReason.DATA_BYTE),
    "a song above 127": (song(b"\0\xf3\x80"), RejectReason.DATA_BYTE),
    "F7 inside a system exclusive": (song(b"\0\xf0\x03\x01\xf7\x01"), RejectReason.DATA_BYTE),
    "F0 at the end of a system exclusive": (song(b"\0\xf0\x02\x01\xf0"), RejectReason.DATA_BYTE),
    "a text of 1,000,001 bytes": (first_meta(0x01, bytes(MAX_PAYLOAD + 1)), RejectReason.LONG_PAYLOAD),
    "an endless length": (song(b"\0\xff\1" + b"\xff" * 40 + b"\x7f"), RejectReason.LONG_PAYLOAD),
    "a sequence number of 1 byte": (later_meta(0x00, b"\1"), RejectReason.SEQUENCE_NUMBER),
    "an empty channel prefix": (later_meta(0x20, b""), RejectReason.CHANNEL_PREFIX),
    "a tempo of 2 bytes": (later_meta(0x51, b"\1\1"), RejectReason.TEMPO),
    "a tempo of 0": (first_meta(0x51, b"\0\0\0"), RejectReason.ZERO_TEMPO),
    "an SMPTE offset of 4 bytes": (later_meta(0x54, bytes(4)), RejectReason.SMPTE_OFFSET),
    "an unknown SMPTE rate": (later_meta(0x54, b"\x80\0\0\0\0"), RejectReason.SMPTE_OFFSET),
    "60 minutes": (later_meta(0x54, b"\0\x3c\0\0\0"), RejectReason.SMPTE_OFFSET),
    "60 seconds": (later_meta(0x54, b"\0\0\x3c\0\0"), RejectReason.SMPTE_OFFSET),
    "100 hundredths of a frame": (later_meta(0x54, b"\0\0\0\0\x64"), RejectReason.SMPTE_OFFSET),
    "a time signature of 3 bytes": (later_meta(0x58, bytes(3)), RejectReason.TIME_SIGNATURE),
    "a denominator whose logarithm is inexact": (later_meta(0x58, b"\4\x1d\0\0"), RejectReason.TIME_SIGNATURE),
    "a numerator of 0": (first_meta(0x58, b"\0\2\0\0"), RejectReason.ZERO_NUMERATOR),
    "a key signature of 1 byte": (later_meta(0x59, b"\0"), RejectReason.KEY_SIGNATURE),
    "eight sharps": (later_meta(0x59, b"\x08\0"), RejectReason.KEY_SIGNATURE),
    "eight flats": (later_meta(0x59, b"\xf8\0"), RejectReason.KEY_SIGNATURE),
    "a third mode": (later_meta(0x59, b"\0\2"), RejectReason.KEY_SIGNATURE),
    "a note in SMPTE time": (song(b"\0" + CLOCK, SOUND, division=SMPTE), RejectReason.NEGATIVE_TIME),
    "a late time signature in SMPTE time": (
        song(b"\1" + meta(0x58, b"\4\2\0\0"), division=SMPTE),
        RejectReason.NEGATIVE_TIME,
    ),
    "a late key signature in SMPTE time": (
        song(b"\1" + meta(0x59, b"\0\0"), division=SMPTE),
        RejectReason.NEGATIVE_TIME,
    ),
    **{
        f"status {status:X}": (song(bytes([0, status, 0, 0])), RejectReason.UNDEFINED_STATUS)
        for status in (0xF4, 0xF5, 0xF9, 0xFD)
    },
}


@pytest.fixture(scope="module", autouse=True)
def _warmed() -> None:
    warm()


@pytest.mark.parametrize(("data", "programs"), ACCEPTED_SONGS.values(), ids=ACCEPTED_SONGS)
def test_a_rule_of_acceptance_holds(data: bytes, programs: set[int]) -> None:
    """The scanner finds the programs that the rule gives, and so does pretty_midi."""
    assert read_scanned([data]) == [frozenset(programs)]
    assert read_reference(data) == frozenset(programs)


@pytest.mark.parametrize(("data", "reason"), REJECTED_SONGS.values(), ids=REJECTED_SONGS)
def test_a_rule_of_rejection_holds(data: bytes, reason: RejectReason) -> None:
    """The scanner rejects the file for the rule's reason, and pretty_midi rejects it too."""
    assert (scan_files([data]).reason(0), read_reference(data)) == (reason, None)


def test_every_reason_has_a_case_and_words_of_its_own() -> None:
    """No reason is untried, and none can be taken for another."""
    assert {reason for _, reason in REJECTED_SONGS.values()} == set(RejectReason)
    assert len({reason.words for reason in RejectReason}) == len(RejectReason)


def test_denominators_are_judged_as_mido_judges_them() -> None:
    """Of all 256 denominators, the scanner takes those that pretty_midi takes."""
    assert not list(find_mismatches([later_meta(0x58, bytes([4, exponent, 24, 8])) for exponent in range(256)]))


def test_metas_move_time_as_mido_moves_it() -> None:
    """Of all 256 kinds of metas, the scanner counts the delta times that pretty_midi counts."""
    metas = (b"\x60" + meta(kind, bytes(5)) for kind in range(256))
    note = b"\x00" + PROGRAM_5 + b"\x00" + ON  # ends at once, unless the meta moves time
    files = [song(SOUND, note + event + b"\x00" + OFF) for event in metas]
    assert not list(find_mismatches(files))
    assert {frozenset({0}), frozenset({0, 5})} <= set(read_scanned(files))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rng=st.randoms(use_true_random=False))
def test_mutants_are_read_as_pretty_midi_reads_them(rng: Random) -> None:
    """Whatever is done to a file, the scanner and pretty_midi agree on it."""
    assert not list(find_mismatches([mutate(rng, SMALL_SONGS)]))


@needs_real_songs
@pytest.mark.parametrize("share", range(8))
def test_real_songs_are_read_as_pretty_midi_reads_them(share: int) -> None:
    """The scanner and pretty_midi agree on every real file; in shares, because pretty_midi takes its time."""
    assert not list(find_mismatches([path.read_bytes() for path in REAL_PATHS[share::8]]))


@needs_real_songs
def test_of_673_real_files_656_are_songs() -> None:
    """The scanner accepts as many of the real files as are known to be songs."""
    codes = scan_files([path.read_bytes() for path in REAL_PATHS]).codes
    assert (len(codes), int((codes == ACCEPTED).sum())) == (673, 656)


def test_a_file_is_read_alike_alone_and_in_a_batch() -> None:
    """What was read before, even a file given up in the middle of a note, does not show."""
    files = [data for data, _ in (*ACCEPTED_SONGS.values(), *REJECTED_SONGS.values())] * 2
    assert read_scanned(files) == [read_scanned([data])[0] for data in files]


def test_an_empty_batch_has_no_results() -> None:
    """A batch of no files is no error."""
    assert scan_files([]).bitmaps.shape == (0, 2)


def test_an_arrow_column_is_scanned_in_place() -> None:
    """A slice of a binary column is scanned through its buffers, null rows as empty files."""
    files = [data for data, _ in ACCEPTED_SONGS.values()]
    column = pa.array([b"before", *files, None], type=pa.large_binary())[1:]
    _, offsets, values = column.buffers()
    starts = np.frombuffer(offsets, dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    result = scan_buffer(np.frombuffer(values, dtype=np.uint8), starts)
    assert [programs_of(bitmap) for bitmap in result.bitmaps[:-1]] == [
        programs for _, programs in ACCEPTED_SONGS.values()
    ]
    assert result.reason(len(files)) is RejectReason.NOT_MIDI


@pytest.mark.parametrize("offsets", [[], [[0, 1]], [-1, 2], [0, 5], [2, 1, 3]])
def test_offsets_outside_the_buffer_are_refused(offsets: list[int]) -> None:
    """Nothing is read beyond a buffer of 4 bytes."""
    with pytest.raises(ValueError, match="offsets must be"):
        scan_buffer(np.zeros(4, dtype=np.uint8), np.array(offsets, dtype=np.int64))


@pytest.mark.parametrize("buffer", [np.zeros(4, np.int8), np.zeros((2, 2), np.uint8), np.zeros(8, np.uint8)[::2]])
def test_a_buffer_of_another_shape_is_refused(buffer: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    """Only contiguous bytes are read."""
    with pytest.raises(ValueError, match="buffer must be"):
        scan_buffer(buffer, np.array([0, 4]))


def test_programs_of_reads_both_words() -> None:
    """The lowest and the highest bit of each word stand for programs 0, 63, 64 and 127."""
    assert programs_of(np.array([1 | 1 << 63, 1 | 1 << 63], dtype=np.uint64)) == {0, 63, 64, 127}


def test_the_compiled_kernel_is_kept_where_numba_cache_dir_says(tmp_path: Path) -> None:
    """After `warm()` in a process of its own, the folder that the variable names holds the kernel."""
    command = [sys.executable, "-c", "from include.scale.scanner import warm; warm()"]
    subprocess.run(command, check=True, cwd=REPO_ROOT, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)})
    assert list(tmp_path.rglob("scanner_kernel.scan-*.nbc"))
