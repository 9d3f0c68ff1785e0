"""The Standard MIDI File, phase by phase, as pretty_midi over mido reads it: header, tracks, events, notes, metas.

A file is a header chunk and track chunks; a track is a list of (delta time, event); an event is a channel message, a
system message or a meta. Wanted is the set of programs that were current, on their channel, when a note ended.

- One pass over the bytes. A function that reads at `pos` returns the position after what it read, or minus a
  `RejectReason`: a negative position travels up and ends the file.
- Time is one clock that only goes forward, through the tracks of all files: each track owns `TICK_LIMIT` ticks of it,
  from its `epoch`. Of the notes open on a key (channel and pitch) it is enough to know when the first and the last
  began, and one from before the epoch belongs to a track that is over: the tables of open notes are never cleared.

Each rule names its source: [SMF] Standard MIDI Files 1.0 (RP-001); [mido] mido 1.3.3, `midifiles.py`, `meta.py` and
`specs.py`; [pretty_midi] pretty_midi 0.2.11.post0, `pretty_midi.py` and `containers.py`. Where the libraries differ
from [SMF] they are followed: they define what a song is, and any exception of theirs is a rejection.

All that the compiled code depends on is in this file: numba looks at no other to decide whether its cache is stale.
"""
# ruff: noqa: PLR2004, FBT001 - the numbers are the format's own; numba takes no keyword-only arguments

import math
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple, Protocol, Self, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Function = TypeVar("Function", bound=Callable[..., object])

TICK_LIMIT = 10_000_000
"""No event of a song is at this tick or later. [pretty_midi] `MAX_TICK`."""

MAX_PAYLOAD = 1_000_000
"""Longest meta or system exclusive message, in bytes. [mido] `MAX_MESSAGE_LENGTH`."""

KEYS = 16 * 128
"""Channels times pitches."""


class RejectReason(IntEnum):
    """Why a file is not a song; `words` completes the sentence "rejected: ..."."""

    words: str

    def __new__(cls, code: int, words: str = "") -> Self:
        """Make the member of value `code`, 1 to 255: 0 stands for an accepted file."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.words = words
        return member

    NOT_MIDI = 1, "it does not begin with an MThd chunk"
    SHORT_HEADER = 2, "its header holds fewer than 6 bytes"
    NO_TRACKS = 3, "its header announces no tracks"
    ZERO_DIVISION = 4, "its header gives 0 ticks to the quarter note"
    MISSING_TRACK = 5, "it ends before the last track that its header announces"
    NOT_A_TRACK = 6, "an MTrk chunk was expected and another came"
    EMPTY_TRACK = 7, "one of its tracks is empty"
    TRUNCATED_TRACK = 8, "it ends before one of its tracks does"
    EVENT_PAST_TRACK = 9, "an event runs past the end of its track"
    TICK_TOO_LARGE = 10, "a track reaches tick 10,000,000"
    NO_RUNNING_STATUS = 11, "a data byte stands where a status byte must"
    UNDEFINED_STATUS = 12, "a status byte is undefined (F4, F5, F9 or FD)"
    DATALESS_RUNNING_STATUS = 13, "a data byte follows a message that takes none"
    DATA_BYTE = 14, "a data byte is above 127"
    LONG_PAYLOAD = 15, "a meta or system exclusive message is longer than 1,000,000 bytes"
    SEQUENCE_NUMBER = 16, "a sequence number is 1 byte long"
    CHANNEL_PREFIX = 17, "a channel prefix is empty"
    TEMPO = 18, "a tempo is shorter than 3 bytes"
    ZERO_TEMPO = 19, "its first track sets a tempo of 0"
    SMPTE_OFFSET = 20, "an SMPTE offset is shorter than 5 bytes or out of range"
    TIME_SIGNATURE = 21, "a time signature is shorter than 4 bytes, or its denominator is not taken for a power of 2"
    ZERO_NUMERATOR = 22, "its first track has a time signature with numerator 0"
    KEY_SIGNATURE = 23, "a key signature is shorter than 2 bytes or names no key"
    NEGATIVE_TIME = 24, "its header counts SMPTE frames, which puts a note or a signature at a negative time"


class Tables(NamedTuple):
    """What scans write into, allocated once for a batch.

    `epoch` (1,): when the current track began. `programs` (16,): what each channel plays. `first_on` and `last_on`
    (`KEYS`,): when the first and the last of a key's open notes began; none is open if the first is before the epoch.
    """

    epoch: npt.NDArray[np.int64]
    programs: npt.NDArray[np.uint8]
    first_on: npt.NDArray[np.int64]
    last_on: npt.NDArray[np.int64]


class File(NamedTuple):
    """What does not change while a file is read: where its bytes in `data` end, and its `bitmap` (2,) of programs."""

    data: npt.NDArray[np.uint8]
    end: int
    is_smpte: bool
    tables: Tables
    bitmap: npt.NDArray[np.uint64]


class Track(NamedTuple):
    """What does not change while a track is read: as for its file, but `end` is where the track ends."""

    data: npt.NDArray[np.uint8]
    end: int
    is_first: bool
    is_smpte: bool
    tables: Tables
    bitmap: npt.NDArray[np.uint64]


def new_tables() -> Tables:
    """Allocate the tables of one call of `scan`."""
    return Tables(
        epoch=np.zeros(1, np.int64),
        programs=np.zeros(16, np.uint8),
        first_on=np.zeros(KEYS, np.int64),
        last_on=np.zeros(KEYS, np.int64),
    )


class _Compiler(Protocol):
    def __call__(self, function: Function) -> Function: ...


# Nothing below allocates, and the caller of `scan` holds all arrays: `_nrt` off saves counting references to them,
# which takes 40 times as long as the scan itself. numba's types leave the option out.
_compile_entry: _Compiler = numba.njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]
_compile_step: _Compiler = numba.njit(nogil=True, forceinline=True, _nrt=False)  # type: ignore[call-overload]

# ---- Files ----------------------------------------------------------------------------------------------------------


@_compile_entry
def scan(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    bitmaps: npt.NDArray[np.uint64],
    codes: npt.NDArray[np.uint8],
    tables: Tables,
) -> None:
    """Scan the n files `data[offsets[i]:offsets[i + 1]]` into `bitmaps` (n, 2) and `codes` (n,), both zero before."""
    for i in range(len(codes)):
        pos = _read_file(data, offsets[i], offsets[i + 1], bitmaps[i], tables)
        if pos < 0:
            codes[i] = -pos
            bitmaps[i] = 0


@_compile_step
def _read_file(data: npt.NDArray[np.uint8], pos: int, end: int, bitmap: npt.NDArray[np.uint64], tables: Tables) -> int:
    """Read the header and as many tracks as it announces; what follows them is ignored [mido].

    The header may be longer than 6 bytes [SMF]. Its numbers are signed [mido]; its format (0, 1 or 2) is ignored
    [pretty_midi].
    """
    if end - pos < 8 or _read_uint32(data, pos) != 0x4D546864:  # "MThd"
        return -RejectReason.NOT_MIDI
    size = min(_read_uint32(data, pos + 4), end - pos - 8)
    if size < 6:
        return -RejectReason.SHORT_HEADER
    tracks, division = _read_int16(data, pos + 10), _read_int16(data, pos + 12)
    if tracks <= 0:
        return -RejectReason.NO_TRACKS
    if division == 0:
        return -RejectReason.ZERO_DIVISION
    pos += 8 + size
    file = File(data, end, division < 0, tables, bitmap)
    for number in range(tracks):
        pos = _read_track(file, pos, number)
        if pos < 0:
            break
    return pos


# ---- Tracks ---------------------------------------------------------------------------------------------------------


@_compile_step
def _read_track(file: File, pos: int, number: int) -> int:
    """Read one MTrk chunk; [SMF] would have readers skip chunks of other kinds, [mido] does not.

    Channels play program 0 until told otherwise, in each track anew; a track without events has no last tick
    [pretty_midi].
    """
    if file.end - pos < 8:
        return -RejectReason.MISSING_TRACK
    if _read_uint32(file.data, pos) != 0x4D54726B:  # "MTrk"
        return -RejectReason.NOT_A_TRACK
    size = _read_uint32(file.data, pos + 4)
    pos += 8
    if size == 0:
        return -RejectReason.EMPTY_TRACK
    if size > file.end - pos:
        return -RejectReason.TRUNCATED_TRACK
    file.tables.epoch[0] += TICK_LIMIT
    file.tables.programs[:] = 0
    return _read_events(Track(file.data, pos + size, number == 0, file.is_smpte, file.tables, file.bitmap), pos)


@_compile_step
def _read_events(track: Track, pos: int) -> int:
    """Read events up to the end of the chunk, whatever end-of-track metas say [mido].

    A status byte may be left out when it repeats the last one [SMF]; all but metas count as the last one [mido].
    """
    epoch = int(track.tables.epoch[0])
    now = epoch
    running_status = 0
    while pos < track.end:
        delta, pos = _read_quantity(track, pos)
        if pos < 0:
            return pos
        if pos == track.end:
            return -RejectReason.EVENT_PAST_TRACK
        byte = _byte(track.data, pos)
        is_running = byte < 0x80
        status = running_status if is_running else byte
        running_status = running_status if status == 0xFF else status
        pos += not is_running
        now += _counted_delta(track, pos, status, delta)
        if now - epoch >= TICK_LIMIT:
            return -RejectReason.TICK_TOO_LARGE
        pos = _read_event(track, pos, status, is_running, now)
        if pos < 0:
            return pos
    return pos


@_compile_step
def _counted_delta(track: Track, pos: int, status: int, delta: int) -> int:
    """Give the ticks by which an event moves time: none when it is a meta of unknown type, whose delta [mido] loses."""
    if status == 0xFF and pos < track.end and not _IS_KNOWN_META[track.data[pos]]:
        return 0
    return delta


@_compile_step
def _read_event(track: Track, pos: int, status: int, is_running: bool, now: int) -> int:
    """Read what follows a status byte; with running status, what begins at the byte that is not one."""
    if 0x80 <= status < 0xF0:
        return _read_channel_message(track, pos, status, now)
    if status == 0xFF:
        return _read_meta(track, pos, now)
    if status in (0xF0, 0xF7):
        return _read_system_exclusive(track, pos + is_running)  # [mido] drops the byte that is not a status
    return _read_system_message(track, pos, status, is_running)


# ---- Channel messages and notes -------------------------------------------------------------------------------------


@_compile_step
def _read_channel_message(track: Track, pos: int, status: int, now: int) -> int:
    """Read a message with one data byte (Cn, Dn) or with two (8n, 9n, An, Bn, En) [SMF]."""
    kind, channel = status >> 4, status & 0x0F
    if 0xC <= kind <= 0xD:
        return _read_one_byte_message(track, pos, kind, channel)
    return _read_two_byte_message(track, pos, kind, channel, now)


@_compile_step
def _read_one_byte_message(track: Track, pos: int, kind: int, channel: int) -> int:
    if pos == track.end:
        return -RejectReason.EVENT_PAST_TRACK
    value = _byte(track.data, pos)
    if value > 127:
        return -RejectReason.DATA_BYTE
    if kind == 0xC:
        track.tables.programs[channel] = value
    return pos + 1


@_compile_step
def _read_two_byte_message(track: Track, pos: int, kind: int, channel: int, now: int) -> int:
    """Read two data bytes; of notes, velocity 0 ends one as a note-off does [SMF]."""
    if pos + 2 > track.end:
        return -RejectReason.EVENT_PAST_TRACK
    pitch, velocity = _byte(track.data, pos), _byte(track.data, pos + 1)
    if pitch > 127 or velocity > 127:
        return -RejectReason.DATA_BYTE
    if kind == 0x9 and velocity > 0:
        _open_note(track.tables, channel << 7 | pitch, now)
    elif kind <= 0x9:
        closed = _close_notes(track, channel, pitch, now)
        if closed and track.is_smpte:  # [pretty_midi] `Note`: it would end before it starts
            return -RejectReason.NEGATIVE_TIME
    return pos + 2


@_compile_step
def _open_note(tables: Tables, key: int, now: int) -> None:
    if tables.first_on[key] < tables.epoch[0]:
        tables.first_on[key] = now
    tables.last_on[key] = now


@_compile_step
def _close_notes(track: Track, channel: int, pitch: int, now: int) -> bool:
    """Close the key's notes that began before `now`; tell whether there were any.

    [pretty_midi] `_load_instruments`: those that begin at `now` stay open if others close, and are forgotten if none
    does. The program is the one at the end of the note, also on the drum channel.
    """
    tables = track.tables
    key = channel << 7 | pitch
    first = int(tables.first_on[key])
    if first < tables.epoch[0]:
        return False
    closed = first < now
    stays = closed and int(tables.last_on[key]) == now
    tables.first_on[key] = now if stays else 0
    if closed:
        program = np.uint64(tables.programs[channel])
        track.bitmap[program >> np.uint64(6)] |= np.uint64(1) << (program & np.uint64(63))
    return closed


# ---- System messages ------------------------------------------------------------------------------------------------

_UNDEFINED = -1
# [mido] `SPECS`, by status - F0. F0, F7 and FF, which give their own lengths, are read elsewhere.
_SYSTEM_DATA_BYTES = np.array([0, 1, 2, 1, _UNDEFINED, _UNDEFINED, 0, 0, 0, _UNDEFINED, 0, 0, 0, _UNDEFINED, 0, 0])


@_compile_step
def _read_system_message(track: Track, pos: int, status: int, is_running: bool) -> int:
    """Read a system common or real-time message, which [SMF] keeps out of files and [mido] lets in."""
    if status == 0:
        return -RejectReason.NO_RUNNING_STATUS
    size = int(_SYSTEM_DATA_BYTES[status - 0xF0])
    if size == _UNDEFINED:
        return -RejectReason.UNDEFINED_STATUS
    if size == 0 and is_running:
        return -RejectReason.DATALESS_RUNNING_STATUS
    if pos + size > track.end:
        return -RejectReason.EVENT_PAST_TRACK
    if _has_high_byte(track, pos, pos + size):
        return -RejectReason.DATA_BYTE
    return pos + size


@_compile_step
def _read_system_exclusive(track: Track, pos: int) -> int:
    """Read a length and that many data bytes; [mido] `read_sysex` lets F0 begin and F7 end them."""
    size, pos = _read_payload_size(track, pos)
    if pos < 0:
        return pos
    first, last = pos, pos + size
    if first < last and track.data[first] == 0xF0:
        first += 1
    if first < last and track.data[last - 1] == 0xF7:
        last -= 1
    if _has_high_byte(track, first, last):
        return -RejectReason.DATA_BYTE
    return pos + size


# ---- Metas ----------------------------------------------------------------------------------------------------------

_SEQUENCE_NUMBER, _CHANNEL_PREFIX, _MIDI_PORT, _END_OF_TRACK, _SET_TEMPO = 0x00, 0x20, 0x21, 0x2F, 0x51
_SMPTE_OFFSET, _TIME_SIGNATURE, _KEY_SIGNATURE, _SEQUENCER_SPECIFIC = 0x54, 0x58, 0x59, 0x7F

# [mido] `_META_SPECS`; 01 to 07 and 09 are texts, in Latin-1, which is never wrong.
_IS_KNOWN_META = np.zeros(256, np.bool_)
_IS_KNOWN_META[[_SEQUENCE_NUMBER, 1, 2, 3, 4, 5, 6, 7, 9, _CHANNEL_PREFIX, _MIDI_PORT, _END_OF_TRACK]] = True
_IS_KNOWN_META[[_SET_TEMPO, _SMPTE_OFFSET, _TIME_SIGNATURE, _KEY_SIGNATURE, _SEQUENCER_SPECIFIC]] = True

# [mido] `MetaSpec_time_signature.check`, whose logarithm is inexact for some powers of 2 (29, ...): its own formula.
_IS_LOG_EXACT = np.array([math.log(2**exponent, 2).is_integer() for exponent in range(256)])  # noqa: FURB163 - log2 is exact


@_compile_step
def _read_meta(track: Track, pos: int, now: int) -> int:
    """Read a type, a length and that many bytes; bytes beyond what the type asks for are ignored [SMF]."""
    if pos >= track.end:
        return -RejectReason.EVENT_PAST_TRACK
    kind = _byte(track.data, pos)
    size, pos = _read_payload_size(track, pos + 1)
    if pos < 0:
        return pos
    verdict = _judge_meta(track, kind, track.data[pos : pos + size], now - int(track.tables.epoch[0]))
    return verdict if verdict < 0 else pos + size


@_compile_step
def _judge_meta(track: Track, kind: int, payload: npt.NDArray[np.uint8], tick: int) -> int:  # noqa: PLR0911 - a kind each
    """Give minus the reason why a meta cannot be, else 0.

    [mido] decodes nothing from the types that are not here, and takes an empty sequence number for 0.
    """
    if kind == _SEQUENCE_NUMBER:
        return -RejectReason.SEQUENCE_NUMBER if len(payload) == 1 else 0
    if kind == _CHANNEL_PREFIX:
        return -RejectReason.CHANNEL_PREFIX if len(payload) == 0 else 0
    if kind == _SET_TEMPO:
        return _judge_tempo(track, payload)
    if kind == _SMPTE_OFFSET:
        return 0 if _is_smpte_offset(payload) else -RejectReason.SMPTE_OFFSET
    if kind == _TIME_SIGNATURE:
        return _judge_time_signature(track, payload, tick)
    if kind == _KEY_SIGNATURE:
        return _judge_key_signature(track, payload, tick)
    return 0


@_compile_step
def _judge_tempo(track: Track, payload: npt.NDArray[np.uint8]) -> int:
    """Ask for 3 bytes [SMF] that are not all 0 in the first track, where [pretty_midi] divides by them."""
    if len(payload) < 3:
        return -RejectReason.TEMPO
    if track.is_first and payload[0] | payload[1] | payload[2] == 0:
        return -RejectReason.ZERO_TEMPO
    return 0


@_compile_step
def _is_smpte_offset(payload: npt.NDArray[np.uint8]) -> bool:
    """Tell whether these are a frame rate (3 bits) with hours, minutes, seconds, frames and hundredths of frames [SMF].

    [mido] knows four rates and does not limit hours nor frames.
    """
    if len(payload) < 5:
        return False
    return bool(payload[0] >> 5 <= 3 and payload[1] <= 59 and payload[2] <= 59 and payload[4] <= 99)


@_compile_step
def _judge_time_signature(track: Track, payload: npt.NDArray[np.uint8], tick: int) -> int:
    """Ask for 4 bytes [SMF] and a denominator that [mido] takes; in the first track, for a numerator [pretty_midi]."""
    if len(payload) < 4 or not _IS_LOG_EXACT[payload[1]]:
        return -RejectReason.TIME_SIGNATURE
    if track.is_first and payload[0] == 0:
        return -RejectReason.ZERO_NUMERATOR
    return _judge_signature_time(track, tick)


@_compile_step
def _judge_key_signature(track: Track, payload: npt.NDArray[np.uint8], tick: int) -> int:
    """Ask for 7 flats (-7, as a byte) to 7 sharps, major (0) or minor (1) [SMF]."""
    if len(payload) < 2 or payload[1] > 1 or 7 < payload[0] < 256 - 7:
        return -RejectReason.KEY_SIGNATURE
    return _judge_signature_time(track, tick)


@_compile_step
def _judge_signature_time(track: Track, tick: int) -> int:
    """Ask for a time of 0 or more [pretty_midi]: seconds are ticks over the division, a negative number if SMPTE."""
    return -RejectReason.NEGATIVE_TIME if track.is_first and track.is_smpte and tick > 0 else 0


# ---- Bytes ----------------------------------------------------------------------------------------------------------

_SATURATED = 1 << 32
"""Above any size or tick that is accepted. [mido] reads quantities of any length, [SMF] of 4 bytes."""


@_compile_step
def _read_quantity(track: Track, pos: int) -> tuple[int, int]:
    """Read a variable-length quantity [SMF]: 7 bits a byte, high ones first, the last byte below 128."""
    if pos < track.end and track.data[np.uint64(pos)] < 0x80:  # most are one byte
        return _byte(track.data, pos), pos + 1
    value = 0
    while pos < track.end:
        byte = _byte(track.data, pos)
        pos += 1
        value = min(value << 7 | byte & 0x7F, _SATURATED)
        if byte < 0x80:
            return value, pos
    return 0, -RejectReason.EVENT_PAST_TRACK


@_compile_step
def _read_payload_size(track: Track, pos: int) -> tuple[int, int]:
    size, pos = _read_quantity(track, pos)
    if size > MAX_PAYLOAD:
        pos = -RejectReason.LONG_PAYLOAD
    elif pos + size > track.end:
        pos = -RejectReason.EVENT_PAST_TRACK
    return size, pos


@_compile_step
def _has_high_byte(track: Track, first: int, last: int) -> bool:
    seen = 0
    for pos in range(first, last):
        seen |= track.data[pos]
    return seen > 127


@_compile_step
def _read_uint32(data: npt.NDArray[np.uint8], pos: int) -> int:
    return _byte(data, pos) << 24 | _byte(data, pos + 1) << 16 | _byte(data, pos + 2) << 8 | _byte(data, pos + 3)


@_compile_step
def _read_int16(data: npt.NDArray[np.uint8], pos: int) -> int:
    value = _byte(data, pos) << 8 | _byte(data, pos + 1)
    return value - 0x10000 if value > 0x7FFF else value


@_compile_step
def _byte(data: npt.NDArray[np.uint8], pos: int) -> int:
    """Give a byte as a signed integer, with which numba's arithmetic stays in 64 bits; `pos` is never negative."""
    return int(np.int64(data[np.uint64(pos)]))
