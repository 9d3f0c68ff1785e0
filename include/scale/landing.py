"""The choice of a landing."""

from include.scale.append_landing import AppendLanding
from include.scale.fenced_landing import FencedLanding
from include.scale.model import LandingMode, Manifest
from include.scale.staging import Landing
from include.scale.warehouse import Warehouse


def landing_of(manifest: Manifest, warehouse: Warehouse) -> Landing:
    """Give the landing that the manifest's run asked for."""
    match manifest.landing:
        case LandingMode.FENCED:
            return FencedLanding(warehouse=warehouse)
        case LandingMode.APPEND:
            return AppendLanding.without_patience(warehouse)


def task_failures(manifest: Manifest) -> int:
    """Give the failures of one Spark task with which its job fails: appending, the original gave up at the first."""
    return 1 if manifest.landing is LandingMode.APPEND else 4
