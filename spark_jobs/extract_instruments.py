"""Extract the instruments of every song in a manifest and land them: `extract_instruments.py --manifest-id N`."""

from argparse import ArgumentParser
from functools import partial

from include.scale import scanner
from include.scale.landing import spark_configuration
from include.scale.manifest import read_manifest
from include.scale.spark.partitions import spark_session
from include.scale.spark.stages import extract_instruments
from include.scale.warehouse import warehouse_from_environment
from include.settings import ObjectStoreSettings, ScaleSettings


def main() -> None:
    """Run the stage from wherever its last try ended."""
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--manifest-id", type=int, required=True)
    warehouse = warehouse_from_environment()
    manifest = read_manifest(warehouse, arguments.parse_args().manifest_id)
    scanner.warm()  # before the executors need it, which share what is compiled here
    settings, object_store = ScaleSettings.from_environment(), ObjectStoreSettings.from_environment()
    session = partial(spark_session, "extract_instruments", spark_configuration(manifest, settings))
    for line in extract_instruments(session, warehouse, object_store, manifest, settings):
        print(line, flush=True)


if __name__ == "__main__":
    main()
