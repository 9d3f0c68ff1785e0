"""Writing Standard MIDI Files 1.0, as far as a test corpus needs them: chunks, events and metas as bytes."""

from collections.abc import Sequence

DRUM_CHANNEL = 9
TICKS_PER_BEAT = 480
END_OF_TRACK = b"\x00\xff\x2f\x00"


def song(tracks: Sequence[bytes]) -> bytes:
    """Put tracks of events into a file; format 0 for a single track, else format 1."""
    header = _chunk(b"MThd", b"".join(n.to_bytes(2) for n in (min(len(tracks) - 1, 1), len(tracks), TICKS_PER_BEAT)))
    return header + b"".join(_chunk(b"MTrk", events + END_OF_TRACK) for events in tracks)


def meta(kind: int, payload: bytes) -> bytes:
    """Write a meta event at the current tick."""
    return b"\x00\xff" + bytes([kind]) + quantity(len(payload)) + payload


def title(text: str) -> bytes:
    """Write a track name."""
    return meta(0x03, text.encode())


def tempo(beats_per_minute: int) -> bytes:
    """Write a tempo."""
    return meta(0x51, (60_000_000 // beats_per_minute).to_bytes(3))


def program_change(channel: int, program: int) -> bytes:
    """Choose the program of a channel from the current tick on."""
    return bytes([0x00, 0xC0 | channel, program])


def phrase(channel: int, pitches: Sequence[int], ticks: int) -> bytes:
    """Play pitches one after the other, each closed by a note-on of velocity 0 under running status."""
    notes = b"".join(bytes([0x00, p, 0x50]) + quantity(ticks) + bytes([p, 0x00]) for p in pitches)
    return bytes([0x00, 0x90 | channel, 0x00, 0x00]) + notes  # a note-off of silence sets the running status


def explicit_phrase(channel: int, pitches: Sequence[int], ticks: int) -> bytes:
    """Play pitches one after the other with a status byte on every event and real note-offs."""
    return b"".join(
        bytes([0x00, 0x90 | channel, p, 0x50]) + quantity(ticks) + bytes([0x80 | channel, p, 0x40]) for p in pitches
    )


def unclosed_note(channel: int, pitch: int) -> bytes:
    """Start a note that nothing ends."""
    return bytes([0x00, 0x90 | channel, pitch, 0x50])


def instant_note(channel: int, pitch: int) -> bytes:
    """Start and end a note at the same tick."""
    return bytes([0x00, 0x90 | channel, pitch, 0x50, 0x00, 0x80 | channel, pitch, 0x40])


def quantity(value: int) -> bytes:
    """Write a variable-length quantity: seven bits a byte, the high bit set on all but the last."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4) + content
