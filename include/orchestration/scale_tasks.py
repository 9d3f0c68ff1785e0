"""What the plain tasks of `scale_pipeline` do; the DAG file only wires them."""

import logging
from collections.abc import Mapping

from include.orchestration.connections import object_store_settings, warehouse_settings
from include.scale.failpoints import Place, pass_in_run
from include.scale.landing import landing_of
from include.scale.manifest import freeze_manifest, read_manifest
from include.scale.model import ManifestRequest
from include.scale.object_store import open_bucket
from include.scale.publication import verify_publication
from include.scale.warehouse import Warehouse, migrate
from include.settings import ScaleSettings

_log = logging.getLogger(__name__)

_HOW_TO_TRY = frozenset({"task_retries", "spark_task_failures"})
"""Parameters that say nothing of what must land."""


def freeze(dag_run_id: str, params: Mapping[str, object]) -> int:
    """Freeze what the run must land and give the manifest's id; give the same one when run again."""
    settings, warehouse = ScaleSettings.from_environment(), _warehouse()
    for name in migrate(warehouse):
        _log.info("applied %s", name)
    asked = {name: value for name, value in params.items() if name not in _HOW_TO_TRY}
    request = ManifestRequest.model_validate({"dag_run_id": dag_run_id, **asked})
    store = open_bucket(object_store_settings(), request.bucket, settings.patience)
    pass_in_run(Place.BUCKET_UNLISTED, stage="freeze_manifest", dag_run_id=dag_run_id)
    manifest = freeze_manifest(warehouse, store, request, settings)
    landing_of(manifest, warehouse).prepare(manifest)
    pass_in_run(Place.MANIFEST_FROZEN, stage="freeze_manifest", dag_run_id=dag_run_id)
    _log.info("manifest %d: %d objects, %s", manifest.manifest_id, manifest.object_count, manifest.content_digest)
    return manifest.manifest_id


def publish(manifest_id: int) -> None:
    """Show the manifest's rows to consumers."""
    warehouse = _warehouse()
    manifest = read_manifest(warehouse, manifest_id)
    landing_of(manifest, warehouse).publish(manifest)


def verify(manifest_id: int) -> None:
    """Check what consumers now read."""
    publication = verify_publication(_warehouse(), manifest_id)
    _log.info("published: %s", publication)


def _warehouse() -> Warehouse:
    return Warehouse(settings=warehouse_settings(), patience=ScaleSettings.from_environment().patience)
