"""A warehouse as Scale leaves it, filled without Spark: synthetic songs, their neighbours, and titles."""

from psycopg import Cursor

from benchmarks.songs import song_name, synthetic_songs
from benchmarks.synthetic_manifest import extracted_manifest
from benchmarks.synthetic_neighbours import scored_partitions
from benchmarks.webapp.questions import title_of
from include.scale.fenced_landing import FencedLanding
from include.scale.model import Stage
from include.scale.publication import verify_publication
from include.scale.scoring import scored_sets
from include.scale.warehouse import Row, Warehouse
from include.settings import ScaleSettings


def publish_songs(warehouse: Warehouse, songs: int, seed: int) -> int:
    """Publish so many songs; give the pairs of similar ones."""
    manifest = extracted_manifest(warehouse, synthetic_songs(songs, seed), f"{songs} songs")
    landing = FencedLanding(warehouse=warehouse)
    sets = landing.song_sets(manifest)
    partitions = ScaleSettings().score_partitions
    attempt = landing.begin(manifest, Stage.SCORE_SIMILARITY, partitions)
    landing.plan_sets(attempt, sets)
    for partition in scored_partitions(scored_sets(sets, manifest.min_instruments), partitions):
        landing.stage_neighbours(attempt, partition)
    landing.complete(attempt)
    landing.publish(manifest)
    warehouse.transact(lambda cursor: _name_songs(cursor, songs))
    return verify_publication(warehouse, manifest.manifest_id).pair_rows


def _name_songs(cursor: Cursor[Row], songs: int) -> None:
    with cursor.copy("COPY scale.title (md5, path) FROM STDIN") as copy:
        for number in range(songs):
            copy.write_row((song_name(number).removesuffix(".mid"), f"./Artist {number % 9000}/{title_of(number)}.mid"))
    cursor.execute("ANALYZE scale.title")
