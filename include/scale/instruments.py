"""From the bytes of songs to what they are, by the reference or by the scanner that agrees with it."""

import io
import warnings
from collections.abc import Callable, Sequence

import pretty_midi

from include.scale.model import Extractor, Rejection, Song
from include.scale.scanner import programs_of, scan_files

EMPTY = "the object is empty"

ReadSongs = Callable[[Sequence[bytes]], list[Song | Rejection]]
"""Gives what each content is, in their order."""


def reader_of(extractor: Extractor) -> ReadSongs:
    """Give what reads songs in that way."""
    match extractor:
        case Extractor.SCANNER:
            return scan_songs
        case Extractor.PRETTY_MIDI:
            return lambda contents: [read_song(content) for content in contents]


def scan_songs(contents: Sequence[bytes]) -> list[Song | Rejection]:
    """Read songs with the compiled scanner."""
    result = scan_files(contents)
    return [
        _rejection(content, reason.words)
        if (reason := result.reason(index))
        else Song(programs=tuple(sorted(programs_of(result.bitmaps[index]))))
        for index, content in enumerate(contents)
    ]


def read_song(content: bytes) -> Song | Rejection:
    """Read a song with pretty_midi: the reference definition.

    The programs are `{i.program for i in pretty_midi.PrettyMIDI(file).instruments}`, so a drum track counts with its
    program number, and a song in which nothing sounds has none.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # about metas on the wrong track, which change nothing here
            song = pretty_midi.PrettyMIDI(io.BytesIO(content))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # pretty_midi and mido raise anything; by definition that is a rejection
        return _rejection(content, _in_words(error))
    return Song(programs=tuple(sorted({int(instrument.program) for instrument in song.instruments})))


def _rejection(content: bytes, reason: str) -> Rejection:
    return Rejection(reason=reason if content else EMPTY)


def _in_words(error: Exception) -> str:
    words = " ".join(str(error).replace("\x00", "").split())  # PostgreSQL's text holds no NUL
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
