"""Score every pair of songs in a manifest and land those that are alike: `score_similarity.py --manifest-id N`."""

from argparse import ArgumentParser
from functools import partial

from include.scale import scoring
from include.scale.landing import spark_configuration
from include.scale.manifest import read_manifest
from include.scale.spark.partitions import spark_session
from include.scale.spark.stages import score_similarity
from include.scale.warehouse import warehouse_from_environment
from include.settings import ScaleSettings


def main() -> None:
    """Run the stage from wherever its last try ended."""
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--manifest-id", type=int, required=True)
    warehouse = warehouse_from_environment()
    manifest = read_manifest(warehouse, arguments.parse_args().manifest_id)
    scoring.warm()  # before the executors need it, which share what is compiled here
    settings = ScaleSettings.from_environment()
    session = partial(spark_session, "score_similarity", spark_configuration(manifest, settings))
    for line in score_similarity(session, warehouse, manifest, settings):
        print(line, flush=True)


if __name__ == "__main__":
    main()
