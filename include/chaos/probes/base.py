"""What every probe is: a name, a clock, a tolerance, and one look that never raises."""

import time
from collections.abc import Callable
from datetime import timedelta

from pydantic import Field

from include.chaos.model import Duration, Measurement, Model, Tolerance
from include.errors import PlatformError

Value = float | str | bool | None


class ProbeBase(Model):
    """The fields that every probe kind has."""

    name: str
    tolerance: Tolerance
    every: Duration = Field(default=timedelta(milliseconds=100), description="the probe's own clock")

    def judge_look(self, look: Callable[[], Value]) -> Measurement:
        """Take one look, time it, and hold it against the tolerance; what the platform refuses is a failed look."""
        started = time.perf_counter()
        try:
            value = look()
        except PlatformError as error:
            return Measurement(value=None, ok=False, latency=time.perf_counter() - started, error=str(error))
        return Measurement(value=value, ok=self.tolerance.accepts(value), latency=time.perf_counter() - started)
