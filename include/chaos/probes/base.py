"""What every probe is: a name, a clock, a tolerance, and one look that never raises."""

import math
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from include.chaos.model import Duration, Measurement, Model
from include.chaos.tolerances import Tolerance, Value
from include.errors import ChaosControlError, PlatformError

SEEN_LIMIT = 16_384
"""Characters of text that a look may bring home: more is a failed look, for the journal keeps each one whole."""


Every = Annotated[
    Duration, Field(gt=timedelta(0), description="the probe's own clock: time from one look's beginning to the next's")
]


class ProbeBase(Model):
    """The fields that every probe kind has."""

    name: str = Field(min_length=1)
    tolerance: Tolerance
    every: Every = timedelta(milliseconds=100)
    timeout: Duration = Field(
        default=timedelta(seconds=1), gt=timedelta(0), description="a look that takes longer is a failed one"
    )

    @property
    def patience(self) -> float:
        """Give `timeout` in seconds."""
        return self.timeout.total_seconds()

    def judge_look(self, look: Callable[[], object], baseline: float | None) -> Measurement:
        """Take one look, time it, and hold it against the tolerance; what cannot be seen is a failed look."""
        started = time.perf_counter()
        try:
            value = plain(look())
        except ChaosControlError as error:
            return Measurement(ok=False, latency=time.perf_counter() - started, error=str(error))
        latency = time.perf_counter() - started
        if latency > self.patience:
            said = f"answered after {latency:.3f} s, later than the probe's timeout of {self.patience:g} s"
            return Measurement(ok=False, latency=latency, error=said)
        return Measurement(value=value, ok=self.tolerance.accepts(value, baseline=baseline), latency=latency)


def plain(value: object) -> Value:
    """Turn what a server gave into what a journal keeps: decimals are numbers, anything strange is text.

    Raises `PlatformError` for what it cannot keep: text over the limit, and numbers that are none.
    """
    match value:
        case None | bool():
            return value
        case float() | int() | Decimal():
            if not math.isfinite(value):
                raise PlatformError(f"expected a finite number, got {value}")
            return float(value) if isinstance(value, Decimal) else value
        case _:
            text = str(value)
            if len(text) > SEEN_LIMIT:
                raise PlatformError(f"expected at most {SEEN_LIMIT} characters, got {len(text)}")
            return text
