"""`dag_run`: the state of the pipeline's run, as Airflow has it."""

from datetime import timedelta
from typing import Literal, Protocol

from include.chaos.model import Measurement
from include.chaos.probes.base import Every, ProbeBase

ABSENT = "absent"
"""The value before the pipeline's run is started."""


class RunStateReader(Protocol):
    """What `dag_run` needs of a platform."""

    def run_state(self) -> str | None:
        """Give the state, or None when there is no such run; raise `PlatformError` when Airflow does not answer."""
        ...


class DagRunProbe(ProbeBase):
    """The state: `absent`, `queued`, `running`, `success` or `failed`.

    The baseline is measured before the run is started, so that `absent` must be within tolerance.
    """

    kind: Literal["dag_run"]
    every: Every = timedelta(milliseconds=500)

    def measure(self, runs: RunStateReader, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: runs.run_state() or ABSENT, baseline)
