"""`oversized_object`: files arrive that are far larger than any song."""

from collections.abc import Iterator
from itertools import repeat
from typing import Literal

from pydantic import Field

from include.chaos.faults.abilities import BucketWriter
from include.chaos.faults.input_fault import InputFault

_MIB = 2**20


class OversizedObject(InputFault):
    """Put objects of many mebibytes that begin as songs do."""

    kind: Literal["oversized_object"] = "oversized_object"
    count: int = Field(default=1, ge=1, le=20, description="how many objects")
    mebibytes: int = Field(default=32, ge=1, le=256, description="the size of each")

    def contents(self, ability: BucketWriter) -> Iterator[bytes]:  # noqa: ARG002  # nothing is read
        """Give a header and zeros, again and again."""
        return repeat(b"MThd".ljust(self.mebibytes * _MIB, b"\0"))
