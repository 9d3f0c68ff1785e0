"""`late_arrival`: good files arrive when the run has begun, and decided what it reads."""

from collections.abc import Iterator
from itertools import count
from typing import Literal

from include.chaos.faults.abilities import BucketWriter
from include.chaos.faults.input_fault import InputFault
from include.chaos.faults.simple_song import simple_song

_PROGRAMS = 128


class LateArrival(InputFault):
    """Put songs that are whole, each of three instruments."""

    kind: Literal["late_arrival"] = "late_arrival"

    def contents(self, ability: BucketWriter) -> Iterator[bytes]:  # noqa: ARG002  # nothing is read
        """Give songs of other instruments each."""
        return (simple_song(programs=((n + step) % _PROGRAMS for step in (0, 1, 40))) for n in count())
