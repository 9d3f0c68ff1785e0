"""The choice of a landing."""

from include.scale.append_landing import AppendLanding
from include.scale.fenced_landing import FencedLanding
from include.scale.model import LandingMode, Manifest
from include.scale.staging import Landing
from include.scale.warehouse import Warehouse
from include.settings import ScaleSettings


def landing_of(manifest: Manifest, warehouse: Warehouse) -> Landing:
    """Give the landing that the manifest's run asked for."""
    match manifest.landing:
        case LandingMode.FENCED:
            return FencedLanding(warehouse=warehouse)
        case LandingMode.APPEND:
            return AppendLanding.without_patience(warehouse)


def spark_configuration(manifest: Manifest, settings: ScaleSettings) -> dict[str, bool | int]:
    """Give how Spark tries tasks again: appending, a job gives up at the first failure, as the original did.

    Fenced, a partition is staged once whoever tries: failures are borne as the job was submitted, and Spark may also
    start a slow task a second time.
    """
    if manifest.landing is LandingMode.APPEND:
        return {"spark.task.maxFailures": 1, "spark.speculation": False}
    return {"spark.speculation": settings.speculation}
