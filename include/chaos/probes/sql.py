"""`sql`: run a query on the warehouse as a consumer would, and look at its one value."""

from typing import Literal, Protocol

from include.chaos.model import Measurement
from include.chaos.probes.base import ProbeBase
from include.chaos.tolerances import Value


class ValueReader(Protocol):
    """What `sql` needs of a platform."""

    def fetch_value(self, query: str) -> Value:
        """Give the first column of the first row, or None; raise `PlatformError` when the query cannot be run."""
        ...


class SqlProbe(ProbeBase):
    """One query, one value: the first column of the first row."""

    kind: Literal["sql"]
    query: str

    def measure(self, warehouse: ValueReader, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: warehouse.fetch_value(self.query), baseline)
