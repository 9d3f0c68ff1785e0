"""`empty_object`: files arrive with nothing in them, as an upload leaves them that failed at its start."""

from collections.abc import Iterator
from itertools import repeat
from typing import Literal

from include.chaos.faults.abilities import BucketWriter
from include.chaos.faults.input_fault import InputFault


class EmptyObject(InputFault):
    """Put objects of no bytes."""

    kind: Literal["empty_object"] = "empty_object"

    def contents(self, ability: BucketWriter) -> Iterator[bytes]:  # noqa: ARG002  # nothing is read
        """Give nothing, again and again."""
        return repeat(b"")
