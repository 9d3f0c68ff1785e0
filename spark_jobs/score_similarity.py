"""Score every pair of songs in a manifest and land those that are alike: `score_similarity.py --manifest-id N`."""

from argparse import ArgumentParser
from fractions import Fraction
from math import ceil

from include.scale.landing import landing_of
from include.scale.manifest import read_manifest
from include.scale.model import Stage
from include.scale.scoring import ScorePartition
from include.scale.similarity import group_songs
from include.scale.spark.partitions import run_partitions, spark_session
from include.scale.warehouse import warehouse_from_environment
from include.settings import ScaleSettings


def main() -> None:
    """Run the stage from wherever its last try ended."""
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--manifest-id", type=int, required=True)
    warehouse = warehouse_from_environment()
    manifest = read_manifest(warehouse, arguments.parse_args().manifest_id)
    landing = landing_of(manifest, warehouse)

    sets = group_songs(landing.instruments(manifest), manifest.min_instruments)
    partitions = ceil(len(sets.filenames) / ScaleSettings.from_environment().partition_sets)
    attempt = landing.begin(manifest, Stage.SCORE_SIMILARITY, partitions)
    work = ScorePartition(attempt=attempt, sets=sets, threshold=Fraction(manifest.threshold), landing=landing)
    rows = 0
    if attempt.pending:
        with spark_session("score_similarity") as spark:
            rows = run_partitions(spark, attempt.pending, work)
    landing.complete(attempt)
    print(f"{len(sets.filenames)} distinct sets: {len(attempt.pending)} partitions landed by this try, {rows} pairs")


if __name__ == "__main__":
    main()
