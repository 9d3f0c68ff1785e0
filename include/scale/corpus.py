"""A synthetic corpus: songs and broken files distributed as in the wild, the same for the same seed.

Song `i` of a seed depends on nothing but both, so a corpus of 2,000 begins with the corpus of 1,000. Sizes of
instrument sets, how often sets repeat, and why files are broken follow what was measured on some 5,000 real files.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from include.scale import midi_writer as midi
from include.scale.model import InstrumentSet

BROKEN_SHARE = 0.06
_BANDS = 300
_BORROWED_SHARE = 0.22  # songs that play in the line-up of a band
_GUEST_SHARE = 0.3  # of those, with one program more
_DRUMS_SHARE = 0.75  # of the songs with program 0: the standard drum kit has that number
_RUNNING_STATUS_SHARE = 0.8
_SINGLE_TRACK_SHARE = 0.12
_TRAP_SHARE = 0.15

# Songs by number of distinct programs. Of those with at least 3: mean 7, p5 3, median 6, p95 13, p99 17.
_SIZES = {
    0: 4, 1: 30, 2: 46, 3: 122, 4: 152, 5: 148, 6: 134, 7: 108, 8: 84, 9: 66, 10: 50, 11: 38, 12: 28,
    13: 20, 14: 14, 15: 10, 16: 8, 17: 6, 18: 3, 19: 2,
}  # fmt: skip
# Pianos, guitars, basses, strings and the standard drum kit (program 0) are everywhere; whistles and gunshots are not.
_POPULAR = {
    0: 60, 4: 8, 11: 6, 16: 7, 24: 12, 25: 14, 26: 8, 27: 10, 29: 10, 30: 10, 32: 9, 33: 16, 35: 10, 38: 8,
    40: 6, 46: 7, 48: 18, 49: 10, 50: 8, 52: 10, 56: 10, 57: 8, 61: 10, 65: 8, 66: 7, 68: 6, 71: 8, 73: 12,
}  # fmt: skip
_RARE = range(104, 128)  # ethnic and percussive instruments, sound effects
# The power brings two random songs above a score of 0.5 as often as real ones are: 0.27 %.
_WEIGHTS = [_POPULAR.get(program, 0.3 if program in _RARE else 1.2) ** 1.42 for program in range(128)]


class Defect(StrEnum):
    """What is wrong with a broken file; all are rejected by pretty_midi."""

    NOT_MTHD = "not MThd"
    DATA_BYTE = "data byte over 127"
    KEY_SIGNATURE = "impossible key signature"
    TRUNCATED = "truncated"
    SMPTE_RATE = "impossible SMPTE rate"
    EMPTY = "zero bytes"


# As counted among 593 real files that pretty_midi rejects; empty objects are added, since buckets have them.
_DEFECTS = {
    Defect.NOT_MTHD: 150,
    Defect.DATA_BYTE: 130,
    Defect.KEY_SIGNATURE: 100,
    Defect.TRUNCATED: 80,
    Defect.SMPTE_RATE: 32,
    Defect.EMPTY: 20,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusFile:
    """A file of the corpus. `name` is unique in its seed; `programs` are what sounds in it, none when broken."""

    name: str
    content: bytes
    programs: InstrumentSet
    defect: Defect | None


def generate_corpus(songs: int, seed: int) -> Iterator[CorpusFile]:
    """Generate the files 0..`songs`-1 of a seed."""
    return (_generate_file(seed, index) for index in range(songs))


def _generate_file(seed: int, index: int) -> CorpusFile:
    random = _seeded(f"{seed}/{index}")
    broken = random.random() < BROKEN_SHARE
    defect = random.choices(list(_DEFECTS), list(_DEFECTS.values()))[0] if broken else None
    programs = _choose_programs(random, seed)
    tracks = _write_tracks(random, programs, f"Song {index} of seed {seed}")
    return CorpusFile(
        name=f"{hashlib.md5(f'{seed}/{index}'.encode(), usedforsecurity=False).hexdigest()}.mid",
        content=_BREAKERS[defect](random, tracks) if defect else midi.song(tracks),
        programs=frozenset() if defect else programs,
        defect=defect,
    )


def _seeded(text: str) -> Random:
    return Random(text)  # noqa: S311  # what is wanted is repetition, not secrecy


def _choose_programs(random: Random, seed: int) -> InstrumentSet:
    """Choose a set of its own, or that of a band, sometimes with a guest."""
    if random.random() >= _BORROWED_SHARE:
        return _draw_programs(random)
    band = int(_BANDS * random.random() * random.random())  # the first bands play the most
    programs = _draw_programs(_seeded(f"{seed}/band/{band}"))
    guest = random.choices(range(128), _WEIGHTS) if random.random() < _GUEST_SHARE else []
    return programs.union(guest)


def _draw_programs(random: Random) -> InstrumentSet:
    size = random.choices(list(_SIZES), list(_SIZES.values()))[0]
    programs: set[int] = set()
    while len(programs) < size:
        programs.update(random.choices(range(128), _WEIGHTS, k=size - len(programs)))
    return frozenset(programs)


def _write_tracks(random: Random, programs: InstrumentSet, title: str) -> list[bytes]:
    """Write a conductor's track, one track a program, and traps: what must not count. A few songs are one track."""
    tracks = [midi.title(title) + midi.tempo(random.randrange(60, 200))]
    tracks += [_write_part(random, number, program) for number, program in enumerate(sorted(programs))]
    tracks += [trap(random) for trap in _TRAPS if random.random() < _TRAP_SHARE]
    return [b"".join(tracks)] if random.random() < _SINGLE_TRACK_SHARE else tracks


def _write_part(random: Random, number: int, program: int) -> bytes:
    """Write a part as a phrase that repeats."""
    drums = program == 0 and random.random() < _DRUMS_SHARE
    channel = midi.DRUM_CHANNEL if drums else _melodic_channel(number)
    pitches = random.choices(range(36, 84), k=random.randrange(4, 12))
    write = midi.phrase if random.random() < _RUNNING_STATUS_SHARE else midi.explicit_phrase
    part = write(channel, pitches, random.choice((60, 120, 240))) * random.randrange(2, 24)
    return (b"" if drums else midi.program_change(channel, program)) + part


def _melodic_channel(number: int) -> int:
    channel = number % 15
    return channel if channel < midi.DRUM_CHANNEL else channel + 1


def _program_without_notes(random: Random) -> bytes:
    return midi.program_change(14, random.randrange(128))


def _unclosed_note(random: Random) -> bytes:
    return midi.program_change(15, random.randrange(128)) + midi.unclosed_note(15, random.randrange(128))


def _instant_note(random: Random) -> bytes:
    return midi.program_change(13, random.randrange(128)) + midi.instant_note(13, random.randrange(128))


_TRAPS = (_program_without_notes, _unclosed_note, _instant_note)


def _replace_header(random: Random, tracks: list[bytes]) -> bytes:
    return random.choice((b"RIFF", b"<htm", b"PK\x03\x04")) + midi.song(tracks)[4:]


def _truncate(random: Random, tracks: list[bytes]) -> bytes:
    content = midi.song(tracks)
    return content[: random.randrange(14, len(content))]


def _begin_with(event: bytes) -> Callable[[Random, list[bytes]], bytes]:
    return lambda _, tracks: midi.song([event + tracks[0], *tracks[1:]])


_BREAKERS: dict[Defect, Callable[[Random, list[bytes]], bytes]] = {
    Defect.NOT_MTHD: _replace_header,
    Defect.DATA_BYTE: _begin_with(b"\x00\x90\xc0\x40"),
    Defect.KEY_SIGNATURE: _begin_with(midi.meta(0x59, b"\x00\x65")),
    Defect.TRUNCATED: _truncate,
    Defect.SMPTE_RATE: _begin_with(midi.meta(0x54, b"\x85\x00\x00\x00\x00")),
    Defect.EMPTY: lambda *_: b"",
}
