"""Extract the instruments of every song in a manifest and land them: `extract_instruments.py --manifest-id N`."""

from argparse import ArgumentParser

from include.scale.extraction import ExtractPartition
from include.scale.landing import landing_of
from include.scale.manifest import read_manifest
from include.scale.model import Stage
from include.scale.spark.partitions import run_partitions, spark_session
from include.scale.warehouse import warehouse_from_environment
from include.settings import ObjectStoreSettings, ScaleSettings


def main() -> None:
    """Run the stage from wherever its last try ended."""
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--manifest-id", type=int, required=True)
    settings = ScaleSettings.from_environment()
    warehouse = warehouse_from_environment()
    manifest = read_manifest(warehouse, arguments.parse_args().manifest_id)
    landing = landing_of(manifest, warehouse)

    attempt = landing.begin(manifest, Stage.EXTRACT_INSTRUMENTS, manifest.partitions)
    work = ExtractPartition(
        attempt=attempt,
        bucket=manifest.bucket,
        landing=landing,
        object_store=ObjectStoreSettings.from_environment(),
        gets_in_flight=settings.gets_in_flight,
        patience=settings.patience,
    )
    rows = 0
    if attempt.pending:
        with spark_session("extract_instruments") as spark:
            rows = run_partitions(spark, attempt.pending, work)
    landing.complete(attempt)
    print(f"{manifest.object_count} objects: {len(attempt.pending)} partitions landed by this try, {rows} rows")


if __name__ == "__main__":
    main()
