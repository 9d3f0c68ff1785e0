"""Songs landed by plain SQL, as a run of Scale would leave them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import groupby

import psycopg

from include.scale.warehouse import Warehouse, migrate
from include.settings import WarehouseSettings
from tests.scale.servers import PostgresServer

Songs = Mapping[str, tuple[int, ...]]

THRESHOLD = 0.5
FEWEST = 3

_MANIFEST = """
    INSERT INTO scale.manifest (
        dag_run_id, bucket, prefix, min_instruments, threshold, extractor, audit_fraction, method, materialize, landing
    )
    VALUES (%s, 'songs', '', 3, 0.5, 'scanner', 0, 'exact', 'sets', 'fenced')
    RETURNING manifest_id
"""
_SHOW = """
    INSERT INTO scale.publication (manifest_id, dag_run_id, flat, published_at)
    SELECT manifest_id, dag_run_id, false, CASE WHEN %s THEN now() END FROM scale.manifest WHERE manifest_id = %s
    ON CONFLICT (only_row) DO UPDATE SET
        manifest_id = excluded.manifest_id, dag_run_id = excluded.dag_run_id, published_at = excluded.published_at
"""


class Landing:
    """A database with Scale's schema, to which songs are published."""

    def __init__(self, server: PostgresServer) -> None:
        """Create it, with no rows."""
        self.server = server
        self.settings: WarehouseSettings = server.create_database()
        migrate(Warehouse(settings=self.settings, patience=timedelta(seconds=20)))

    def publish(self, songs: Songs, *, finished: bool = True) -> None:
        """Show these songs, and no others."""
        with self.connect() as connection:
            [(runs,)] = connection.execute("SELECT count(*) FROM scale.manifest").fetchall()
            [(manifest_id,)] = connection.execute(_MANIFEST, (f"run {runs}",)).fetchall()
            _copy_readings(connection, manifest_id, songs)
            _copy_sets(connection, manifest_id, songs)
            connection.execute(_SHOW, (finished, manifest_id))

    def name(self, titles: Mapping[str, str]) -> None:
        """Give paths to MD5s, as the data set does."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.executemany("INSERT INTO scale.title (md5, path) VALUES (%s, %s)", list(titles.items()))

    def connect(self) -> psycopg.Connection:
        """Connect beside the code under test."""
        return self.server.connect(self.settings.dbname)


def jaccard(one: Iterable[int], two: Iterable[int]) -> float:
    """Score two songs as the warehouse does, to the last bit."""
    return 1.0 - (1.0 - len(set(one) & set(two)) / len(set(one) | set(two)))


def _copy_readings(connection: psycopg.Connection, manifest_id: int, songs: Songs) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO scale.reading (manifest_id, partition_id, filename, programs) VALUES (%s, 0, %s, %s)",
            [(manifest_id, filename, list(programs)) for filename, programs in songs.items()],
        )


def _copy_sets(connection: psycopg.Connection, manifest_id: int, songs: Songs) -> None:
    scored = sorted(programs for programs in songs.values() if len(programs) >= FEWEST)
    sets = [(programs, len(list(group))) for programs, group in groupby(scored)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO scale.instrument_set VALUES (%s, %s, %s, %s, %s)",
            [
                (manifest_id, number, list(programs), _bitmap(programs), count)
                for number, (programs, count) in enumerate(sets)
            ],
        )
        for number, (programs, _) in enumerate(sets):
            near = [
                (other, len(set(programs) & set(theirs)))
                for other, (theirs, _) in enumerate(sets)
                if jaccard(programs, theirs) > THRESHOLD
            ]
            cursor.execute(
                "INSERT INTO scale.set_neighbours VALUES (%s, %s, 0, %s, %s)",
                (manifest_id, number, [other for other, _ in near], [shared for _, shared in near]),
            )


def _bitmap(programs: Iterable[int]) -> str:
    return "".join("1" if program in set(programs) else "0" for program in range(128))
