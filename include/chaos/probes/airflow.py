"""`airflow`: what Airflow says of the health of its own components."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Literal, Protocol

from include.chaos.model import Measurement
from include.chaos.probes.base import Every, ProbeBase
from include.errors import PlatformError


class AirflowPart(StrEnum):
    """The components of which Airflow reports."""

    METADATABASE = "metadatabase"
    SCHEDULER = "scheduler"
    TRIGGERER = "triggerer"
    DAG_PROCESSOR = "dag_processor"


class HealthReader(Protocol):
    """What `airflow` needs of a platform."""

    def health(self, timeout: float) -> Mapping[str, str | None]:
        """Give each component's status; raise `PlatformError` when the API server does not answer in time."""
        ...


class AirflowProbe(ProbeBase):
    """The status of one component, `healthy` or `unhealthy`; Airflow counts a silent one as well until its threshold.

    A component of which nothing is reported, and an API server that does not answer, are failed looks.
    """

    kind: Literal["airflow"]
    component: AirflowPart
    every: Every = timedelta(milliseconds=500)

    def measure(self, airflow: HealthReader, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: self._see(airflow), baseline)

    def _see(self, airflow: HealthReader) -> str:
        status = airflow.health(self.patience).get(self.component)
        if status is None:
            raise PlatformError(f"Airflow reports nothing of its {self.component}; it may never have run here")
        return status
