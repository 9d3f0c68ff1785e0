"""`rows_landed`: how many rows of a relation a consumer sees."""

from datetime import timedelta
from typing import Literal, Protocol

from include.chaos.model import Measurement
from include.chaos.probes.base import Every, ProbeBase


class RowCounter(Protocol):
    """What `rows_landed` needs of a platform."""

    def count_rows(self, relation: str) -> int:
        """Count the relation's rows; raise `PlatformError` when it cannot be read."""
        ...


class RowsLandedProbe(ProbeBase):
    """The row count of one relation of the landing contract."""

    kind: Literal["rows_landed"]
    relation: str
    every: Every = timedelta(milliseconds=500)

    def measure(self, warehouse: RowCounter, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: warehouse.count_rows(self.relation), baseline)
