"""`s3`: whether the object store gives what is in a bucket."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal, Protocol, Self

from pydantic import Field, model_validator

from include.chaos.model import Measurement
from include.chaos.probes.base import Every, ProbeBase


class ObjectReader(Protocol):
    """What `s3` needs of a platform."""

    def object_size(self, bucket: str, key: str, timeout: float) -> int:
        """HEAD an object, give its bytes; raise `PlatformError` when it is not there or nobody answers in time."""
        ...

    def count_objects(self, bucket: str, prefix: str, limit: int, timeout: float) -> int:
        """List at most `limit` objects and count them; raise `PlatformError` when that cannot be done in time."""
        ...

    def count_intact(self, bucket: str, prefix: str, limit: int, timeout: float) -> int:
        """List at most `limit` objects, and count those whose content is there, and is what the listing says.

        Raises `PlatformError` when nothing can be listed, or the objects not be read in time.
        """
        ...


class S3Figure(StrEnum):
    """What of the listed objects is looked at."""

    LISTED = "listed"
    INTACT = "intact"


class S3Probe(ProbeBase):
    """With `key`, the size of that object in bytes; without, how many objects a listing shows, up to `count_to`."""

    kind: Literal["s3"]
    bucket: str = Field(min_length=1)
    prefix: str | None = Field(default=None, description="list what begins with this")
    key: str | None = Field(default=None, description="ask for this object instead of listing")
    count_to: int = Field(default=1, ge=1, le=1000, description="list no further than this many objects")
    read: S3Figure = Field(
        default=S3Figure.LISTED,
        description="the value without `key`: objects that are listed, or those of them that can be read as listed",
    )
    every: Every = timedelta(milliseconds=500)

    @model_validator(mode="after")
    def _lists_or_asks(self) -> Self:
        if self.key is not None and (self.prefix is not None or self.read is S3Figure.INTACT):
            raise ValueError("expected `key`, or `prefix` and `read`, not both")
        return self

    def measure(self, objects: ObjectReader, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: self._see(objects), baseline)

    def _see(self, objects: ObjectReader) -> int:
        if self.key is not None:
            return objects.object_size(self.bucket, self.key, self.patience)
        if self.read is S3Figure.INTACT:
            return objects.count_intact(self.bucket, self.prefix or "", self.count_to, self.patience)
        return objects.count_objects(self.bucket, self.prefix or "", self.count_to, self.patience)
