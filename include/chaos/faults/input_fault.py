"""What the faults of the input data have in common: objects put under a prefix, named after their injection."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import ClassVar

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import BucketWriter, require_object_store
from include.chaos.faults.base import FaultKind
from include.chaos.model import Model, Target, TargetInstance
from include.errors import PlatformError


class InputFault(Model, FaultKind[BucketWriter]):
    """Objects that are in the bucket for as long as the strike holds."""

    confirmed_by: ClassVar[str] = "a listing of the bucket shows the objects"
    without_agent: ClassVar[str] = "it does not: only an agent deletes"
    hinders_clients: ClassVar[bool] = False

    kind: str
    bucket: str = Field(min_length=1)
    prefix: str = Field(default="", pattern="^(.*/)?$", description="the folder to put them in, with its slash")
    count: int = Field(default=5, ge=1, le=1000, description="how many objects")

    def contents(self, ability: BucketWriter) -> Iterator[bytes]:
        """Give the objects' contents, one after the other; read what is there if need be."""
        raise NotImplementedError

    def objection(self, target: Target, hold_for: timedelta) -> str | None:
        """Act on the object store, for a while."""
        if hold_for <= timedelta(0):
            return "without a hold nobody reads them: expected `hold_for`"
        return require_object_store(target)

    def inject(self, injection: InjectionPrepared, ability: BucketWriter) -> TargetInstance:
        """Put the objects and see them listed."""
        struck = ability.resolve_again(injection.instance)
        for key, content in zip(self._keys(injection), islice(self.contents(ability), self.count), strict=True):
            ability.put_object(self.bucket, key, content)
        if not self.in_force(injection, ability):
            raise PlatformError(f"s3://{self.bucket}/{self._stem(injection)}: not all that was put is listed")
        return struck

    def in_force(self, injection: InjectionPrepared, ability: BucketWriter) -> bool:
        """Tell whether all of them are there."""
        return ability.count_objects(self.bucket, self._stem(injection), self.count) == self.count

    def recover(self, injection: InjectionPrepared, ability: BucketWriter) -> None:
        """Delete exactly these, and see none of them listed."""
        ability.delete_objects(self.bucket, self._keys(injection))
        if ability.count_objects(self.bucket, self._stem(injection), 1):
            raise PlatformError(f"s3://{self.bucket}/{self._stem(injection)}: deleted, and still listed")

    def _keys(self, injection: InjectionPrepared) -> list[str]:
        return [f"{self._stem(injection)}{number:04}.mid" for number in range(self.count)]

    def _stem(self, injection: InjectionPrepared) -> str:
        return f"{self.prefix}{self.kind}-{injection.injection_id}-"
