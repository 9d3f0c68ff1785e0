"""The smallest songs that are some, as Standard MIDI Files 1.0 (format 0): so many programs, one note each."""

from collections.abc import Iterable

_END_OF_TRACK = b"\x00\xff\x2f\x00"
_TICKS_PER_BEAT = 96


def simple_song(programs: Iterable[int]) -> bytes:
    """Let each program sound once; all but the drums' channel would do, so one channel does."""
    notes = (bytes([0, 0xC0, program, 0, 0x90, 60, 80, _TICKS_PER_BEAT, 0x80, 60, 0]) for program in programs)
    return header(tracks=1) + track(b"".join(notes))


def header(tracks: int) -> bytes:
    """Write the header chunk."""
    return _chunk(b"MThd", b"".join(number.to_bytes(2) for number in (0, tracks, _TICKS_PER_BEAT)))


def track(events: bytes) -> bytes:
    """Write a track of events."""
    return _chunk(b"MTrk", events + _END_OF_TRACK)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4) + content
