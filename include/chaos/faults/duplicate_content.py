"""`duplicate_content`: the same files arrive again under other names."""

from collections.abc import Iterator
from itertools import cycle
from typing import Literal

from include.chaos.faults.abilities import BucketWriter
from include.chaos.faults.input_fault import InputFault
from include.errors import PlatformError


class DuplicateContent(InputFault):
    """Put copies of the first objects in the folder, under new names."""

    kind: Literal["duplicate_content"] = "duplicate_content"

    def contents(self, ability: BucketWriter) -> Iterator[bytes]:
        """Give what is there, from the beginning again where there is less than is asked for."""
        originals = ability.read_objects(self.bucket, self.prefix, self.count)
        if not originals:
            raise PlatformError(f"s3://{self.bucket}/{self.prefix}: no objects, so there is nothing to duplicate")
        return cycle(originals)
