"""From the bytes of one song to its instrument set, by pretty_midi: the reference definition."""

import io
import warnings
from dataclasses import dataclass

import pretty_midi

from include.scale.model import InstrumentSet

EMPTY = "the object is empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a file is not a song."""

    reason: str


def read_instruments(content: bytes) -> InstrumentSet | Rejection:
    """Give the programs of the notes that sound, or why the file cannot be read.

    The set is `{i.program for i in pretty_midi.PrettyMIDI(file).instruments}`, so a drum track counts with its program
    number, and the set of a song in which nothing sounds is empty.
    """
    if not content:
        return Rejection(reason=EMPTY)
    try:
        with warnings.catch_warnings(action="ignore"):  # about metas on the wrong track, which change nothing here
            song = pretty_midi.PrettyMIDI(io.BytesIO(content))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # pretty_midi and mido raise anything; by definition that is a rejection
        return Rejection(reason=_in_words(error))
    return frozenset(int(instrument.program) for instrument in song.instruments)


def _in_words(error: Exception) -> str:
    words = " ".join(str(error).replace("\x00", "").split())  # PostgreSQL's text holds no NUL
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
