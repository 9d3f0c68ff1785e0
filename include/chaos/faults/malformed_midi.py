"""`malformed_midi`: files arrive that call themselves songs and are none."""

from collections.abc import Iterator
from itertools import cycle
from typing import Literal

from include.chaos.faults.abilities import BucketWriter
from include.chaos.faults.input_fault import InputFault
from include.chaos.faults.simple_song import header, simple_song, track

_BAD_DATA_BYTE = b"\x00\x90\x80\x40"
_BAD_KEY_SIGNATURE = b"\x00\xff\x59\x02\x7f\x00"


class MalformedMidi(InputFault):
    """Put files that no parser of MIDI accepts, each broken in another of five ways."""

    kind: Literal["malformed_midi"] = "malformed_midi"

    def contents(self, ability: BucketWriter) -> Iterator[bytes]:  # noqa: ARG002  # nothing is read
        """Give a web page, a cut song, a cut header, a note that is none, and a key that is none, again and again."""
        whole = simple_song(programs=(1, 2, 3))
        broken = (
            b"<html><body>404 Not Found</body></html>",
            whole[: len(whole) * 2 // 3],
            whole[:9],
            header(tracks=1) + track(_BAD_DATA_BYTE),
            header(tracks=1) + track(_BAD_KEY_SIGNATURE),
        )
        return cycle(broken)
