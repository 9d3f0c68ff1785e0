"""`pgbench`: how fast the warehouse is, measured by PostgreSQL's own benchmark."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import Field

from include.chaos.model import Measurement
from include.chaos.probes.base import Every, ProbeBase


class BenchFigure(StrEnum):
    """What of a benchmark is looked at."""

    LATENCY = "latency"
    TPS = "tps"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchResult:
    """Mean seconds of a transaction, and transactions a second, both without the connection's start."""

    latency: float
    tps: float


class Bencher(Protocol):
    """What `pgbench` needs of a platform."""

    def bench(self, script: str, *, transactions: int, writes: bool, timeout: float) -> BenchResult:
        """Run a script so many times over one connection; raise `PlatformError` when one fails or time is out."""
        ...


class PgbenchProbe(ProbeBase):
    """The mean latency in seconds, or the transactions a second, of a script that leaves nothing behind."""

    kind: Literal["pgbench"]
    script: str = Field(
        default="SELECT 1;", max_length=4096, description="in pgbench's language; it runs in read-only transactions"
    )
    writes: bool = Field(
        default=False, description="let transactions write, as far as the server lets them; the script must roll back"
    )
    transactions: int = Field(default=20, ge=1, le=10_000, description="how many a look runs, one after the other")
    read: BenchFigure = Field(
        default=BenchFigure.LATENCY, description="the value: mean seconds, or transactions a second"
    )
    every: Every = timedelta(milliseconds=500)

    def measure(self, bencher: Bencher, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: self._see(bencher), baseline)

    def _see(self, bencher: Bencher) -> float:
        result = bencher.bench(self.script, transactions=self.transactions, writes=self.writes, timeout=self.patience)
        return result.latency if self.read is BenchFigure.LATENCY else result.tps
