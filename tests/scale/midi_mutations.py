"""Seeded mutations of MIDI files, on which the scanner is held against pretty_midi.

`python -m tests.scale.midi_mutations --files 20000 --seed 1` prints what it compared, and exits with 1 on a mismatch.
Small real files are mutated where there are some beside the project, and written ones everywhere.
"""

import argparse
import io
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

import pretty_midi

from include.scale.scanner import RejectReason, programs_of, scan_files
from include.scale.scanner_kernel import TICK_LIMIT
from include.settings import REPO_ROOT

REAL_SONGS = REPO_ROOT.parent / "shared" / "midi"
"""Where real files may be; nothing needs them."""

Programs = frozenset[int] | None
"""The programs of a song; None when the file is rejected."""


def read_reference(data: bytes) -> Programs:
    """Give what defines the scanner; pretty_midi itself bounds time and memory, by its limit on ticks."""
    try:
        with warnings.catch_warnings(action="ignore"):
            song = pretty_midi.PrettyMIDI(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever it raises is a rejection, by definition
        return None
    return frozenset(int(instrument.program) for instrument in song.instruments)


def read_scanned(files: Sequence[bytes]) -> list[Programs]:
    """Give what the scanner makes of files, in one batch."""
    result = scan_files(files)
    return [programs_of(result.bitmaps[i]) if result.reason(i) is None else None for i in range(len(files))]


# ---- Songs ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Song:
    """A MIDI file as lists of events, each with its delta time; an event may also be a whole track's bytes."""

    tracks: tuple[tuple[bytes, ...], ...]
    division: int = 96
    kind: int = 1

    def encode(self) -> bytes:
        """Write the file, with true lengths."""
        header = b"".join(word.to_bytes(2, "big") for word in (self.kind, len(self.tracks), self.division))
        return chunk(b"MThd", header) + b"".join(chunk(b"MTrk", b"".join(track)) for track in self.tracks)


def chunk(name: bytes, body: bytes) -> bytes:
    """Write a chunk with its true length."""
    return name + len(body).to_bytes(4, "big") + body


def quantity(value: int) -> bytes:
    """Write a variable-length quantity."""
    low = bytes([value & 0x7F])
    while value := value >> 7:
        low = bytes([value & 0x7F | 0x80]) + low
    return low


def meta(kind: int, payload: bytes) -> bytes:
    """Write a meta event, without its delta time."""
    return bytes([0xFF, kind]) + quantity(len(payload)) + payload


def parse(data: bytes) -> Song | None:
    """Cut a file into its tracks, each as one event; None when it is not cut right."""
    tracks: list[tuple[bytes, ...]] = []
    pos = 8 + int.from_bytes(data[4:8], "big")
    while data[pos : pos + 4] == b"MTrk":
        end = pos + 8 + int.from_bytes(data[pos + 4 : pos + 8], "big")
        tracks.append((data[pos + 8 : end],))
        pos = end
    if not tracks or pos > len(data):
        return None
    return Song(
        tracks=tuple(tracks), kind=int.from_bytes(data[8:10], "big"), division=int.from_bytes(data[12:14], "big")
    )


def real_songs(largest: int) -> list[Song]:
    """Read the real files of at most that many bytes."""
    small = (path for path in sorted(REAL_SONGS.rglob("*.mid")) if path.stat().st_size <= largest)
    return [song for path in small if (song := parse(path.read_bytes()))]


# ---- Events ---------------------------------------------------------------------------------------------------------

VALID_METAS = (
    (0x00, b"\x00\x07"),
    (0x00, b""),
    (0x01, b"caf\xe9"),
    (0x05, b"la"),
    (0x03, b"Bass"),
    (0x20, b"\x03"),
    (0x21, b""),
    (0x2F, b""),
    (0x51, b"\x07\xa1\x20"),
    (0x54, b"\x61\x02\x3b\x10\x63"),
    (0x58, b"\x06\x03\x18\x08"),
    (0x59, b"\xf9\x01"),
    (0x7F, b"\x00\xff"),
    (0x08, b"unknown"),
    (0x4B, b"unknown"),
)

TELLING_BYTES = (0, 1, 2, 7, 8, 29, 59, 60, 99, 100, 0x7F, 0x80, 0xF0, 0xF7, 0xF8, 0xF9, 0xFF)
"""Values at which some rule changes its mind."""


def write_event(rng: Random) -> bytes:
    """Write an event with its delta time: most often about a few keys and channels, so that notes meet."""
    writers: tuple[Callable[[Random], bytes], ...] = (_note, _running, _channel_message, _valid_meta, _strange_event)
    return _delta(rng) + rng.choices(writers, (120, 50, 40, 20, 1))[0](rng)


def write_song(rng: Random) -> Song:
    """Write a song of a few short tracks."""
    tracks = (tuple(write_event(rng) for _ in range(rng.randint(1, 40))) for _ in range(rng.randint(1, 4)))
    return Song(tracks=tuple((_delta(rng) + _note(rng), *track) for track in tracks))


def _delta(rng: Random) -> bytes:
    if rng.random() < 0.01:
        return quantity(rng.choice((rng.getrandbits(rng.randint(1, 27)), TICK_LIMIT - rng.randrange(4))))
    return rng.choice((b"\x00", b"\x00", b"\x01", b"\x60", b"\x81\x00", b"\x80\x80\x05"))


def _note(rng: Random) -> bytes:
    return bytes([rng.choice((0x80, 0x90, 0x90)) | rng.choice((0, 1, 9)), rng.choice((60, 61)), rng.choice((0, 0, 64))])


def _running(rng: Random) -> bytes:
    return bytes([rng.choice((60, 61)), rng.choice((0, 64))])


def _channel_message(rng: Random) -> bytes:
    status = rng.choice((0xA0, 0xB0, 0xC0, 0xC0, 0xC0, 0xD0, 0xE0)) | rng.choice((0, 1, 9))
    return bytes([status, *(rng.randrange(128) for _ in range(1 if status & 0xE0 == 0xC0 else 2))])


def _valid_meta(rng: Random) -> bytes:
    return meta(*rng.choice(VALID_METAS))


def _strange_event(rng: Random) -> bytes:
    return rng.choice((_strange_meta, _strange_meta, _system_exclusive, _system_message))(rng)


def _strange_meta(rng: Random) -> bytes:
    """Write a meta whose payload is cut short, all zero, changed in places, or arbitrary."""
    kind, valid = rng.choice(VALID_METAS)
    changed = bytes(rng.choice((byte, byte, byte, _byte(rng))) for byte in valid)
    arbitrary = bytes(_byte(rng) for _ in range(rng.randint(0, 6)))
    payload = rng.choice((valid[: rng.randint(0, 5)], bytes(len(valid)), changed, changed, arbitrary))
    return meta(rng.choice((kind, kind, kind, _byte(rng))), payload)


def _system_exclusive(rng: Random) -> bytes:
    body = rng.choice((b"", b"\xf0")) + bytes(rng.randrange(129) for _ in range(rng.randint(0, 4)))
    body += rng.choice((b"", b"\xf7"))
    return rng.choice((b"\xf0", b"\xf7")) + quantity(len(body)) + body


def _system_message(rng: Random) -> bytes:
    return bytes([rng.randint(0xF0, 0xFE), *(rng.randrange(128) for _ in range(rng.randint(0, 2)))])


def _byte(rng: Random) -> int:
    return rng.choice(TELLING_BYTES) if rng.random() < 0.8 else rng.randrange(256)


# ---- Mutations ------------------------------------------------------------------------------------------------------


def mutate(rng: Random, songs: Sequence[Song]) -> bytes:
    """Make one mutant: of a given song or of a new one, changed as a list of events, as tracks, or as bytes."""
    song = rng.choice(songs) if songs and rng.random() < 0.4 else write_song(rng)
    for _ in range(rng.randint(0, 3)):
        song = rng.choice((_insert_event, _insert_event, _edit_track, _reorder_tracks, _edit_header))(rng, song)
    data = song.encode()
    for _ in range(rng.choice((0, 0, 0, 0, 1, 2))):
        data = rng.choice((_edit_bytes, _edit_chunk, _truncate, _splice))(rng, data)
    return data


def _insert_event(rng: Random, song: Song) -> Song:
    number = rng.randrange(len(song.tracks))
    track = song.tracks[number]
    at = rng.randint(0, len(track))
    event = _delta(rng) + rng.choice((_strange_meta, _strange_event, _valid_meta, _note, _channel_message))(rng)
    return _with_track(song, number, (*track[:at], event, *track[at:]))


def _edit_track(rng: Random, song: Song) -> Song:
    number = rng.randrange(len(song.tracks))
    return _with_track(song, number, (_edit_bytes(rng, b"".join(song.tracks[number])),))


def _with_track(song: Song, number: int, track: tuple[bytes, ...]) -> Song:
    return replace(song, tracks=(*song.tracks[:number], track, *song.tracks[number + 1 :]))


def _reorder_tracks(rng: Random, song: Song) -> Song:
    return replace(song, tracks=tuple(rng.choices(song.tracks, k=rng.randint(1, len(song.tracks)))))


def _edit_header(rng: Random, song: Song) -> Song:
    division = rng.choice((1, 480, 0x7FFF, 0x8000, 0xE250, 0xFFFF, 0, rng.randrange(0x10000)))
    return replace(song, division=division, kind=rng.choice((0, 1, 2, 9)))


def _edit_bytes(rng: Random, data: bytes) -> bytes:
    """Flip a bit, set, remove or repeat a few bytes, or put new ones in."""
    at = rng.randint(0, len(data))
    end = at + rng.randint(1, 8)
    flipped = bytes(byte ^ 1 << rng.randrange(8) for byte in data[at : at + 1])
    new = bytes(_byte(rng) for _ in range(rng.randint(1, 4)))
    middle, resume = rng.choice(
        ((flipped, at + 1), (new, at + len(new)), (b"", end), (data[at:end] * 2, end), (new, at))
    )
    return data[:at] + middle + data[resume:]


def _edit_chunk(rng: Random, data: bytes) -> bytes:
    """Change one byte of the header, or of the name or the length of a track."""
    starts = [at for at in range(len(data)) if data.startswith((b"MThd", b"MTrk"), at)] or [0]
    at = rng.choice(starts) + rng.randrange(14)
    return data[:at] + bytes([_byte(rng)]) + data[at + 1 :]


def _truncate(rng: Random, data: bytes) -> bytes:
    return data[: rng.randint(0, len(data))]


def _splice(rng: Random, data: bytes) -> bytes:
    return data[: rng.randint(0, len(data))] + data[rng.randint(0, len(data)) :]


# ---- Comparison -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A file of which the scanner and pretty_midi say different things."""

    data: bytes
    scanned: Programs
    reference: Programs


def find_mismatches(files: Sequence[bytes]) -> Iterator[Mismatch]:
    """Compare what the scanner and pretty_midi say of files."""
    for data, scanned in zip(files, read_scanned(files), strict=True):
        reference = read_reference(data)
        if scanned != reference:
            yield Mismatch(data=data, scanned=scanned, reference=reference)


def _mutants(seed: int) -> Iterator[bytes]:
    rng = Random(seed)
    songs = real_songs(largest=6_000)
    while True:
        yield mutate(rng, songs)


def _print_outcomes(files: Sequence[bytes]) -> None:
    codes = Counter(int(code) for code in scan_files(files).codes)
    for code, count in codes.most_common():
        print(f"{count:>8}  {RejectReason(code).words if code else 'accepted'}")


def main() -> int:
    """Compare as many mutants as asked for; give the exit code."""
    parser = argparse.ArgumentParser(description="Hold the MIDI scanner against pretty_midi on mutated files.")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    files = list(islice(_mutants(options.seed), options.files))
    mismatches = list(find_mismatches(files))
    _print_outcomes(files)
    for mismatch in mismatches[:20]:
        print(f"scanner {mismatch.scanned}, pretty_midi {mismatch.reference}: {mismatch.data.hex()}")
    print(f"seed {options.seed}: {len(files)} files compared, {len(mismatches)} mismatches")
    return 1 if mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
