"""A small warehouse with a landing contract and an oracle, in which everything has landed until a test spoils it."""

import json
import math
import random
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import psycopg

from include.chaos.events import RowsVerified
from include.chaos.pipeline import FrozenManifest, Oracle, Pipeline, Quarantine, Relation, SqlFile
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.verification import verify_landing
from include.settings import WarehouseSettings

ODD = ['it\'s "quoted".mid', "new\nline.mid", "\u2028\U0001f3b5e\u0301.mid", "", "100%s.mid", "back\\slash", "tab\t"]
KEYS = [*(f"{number:02}.mid" for number in range(43)), *ODD]
QUARANTINED = ["broken-1.mid", "broken-2.mid"]
INSTRUMENTS: list[tuple[str, int]] = [(key, program) for key in KEYS for program in range(6)]
PAIRS: list[tuple[str, str, float | None]] = [
    (a, b, None if n % 50 == 0 else n / 1226) for n, (a, b) in enumerate(combinations(sorted(KEYS), 2))
]
SCORES: dict[tuple[str, str], float | None] = {(a, b): score for a, b, score in PAIRS}
SCHEMA = """
    CREATE TABLE song_instrument (filename text, instrument smallint);
    CREATE TABLE pair (a text, b text, score double precision);
    CREATE TABLE refused (filename text, reason text);
    CREATE TABLE manifest_object (key text);
    CREATE TABLE publication (dag_run_id text, published_at timestamptz);
    CREATE TABLE next_score (next_score double precision);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The warehouse, a connection beside its reader, and the contract."""

    connection: psycopg.Connection
    settings: WarehouseSettings
    landed: LandedRows
    pipeline: Pipeline

    def spoil(self, *statements: str) -> None:
        """Change what has landed."""
        for statement in statements:
            self.connection.execute(statement.encode())

    def verify(self, lines: list[str] | None = None) -> RowsVerified:
        """Account for the rows, in whatever order the oracle says them."""
        said = oracle_lines() if lines is None else lines
        random.Random(7).shuffle(said)
        return verify_landing(self.pipeline, "run-1", [line.encode() for line in said], self.landed)


def oracle_lines() -> list[str]:
    """Say what must have landed."""
    rows: list[dict[str, object]] = [{"relation": "song_instrument", "row": row} for row in INSTRUMENTS]
    rows += [{"relation": "pair", "row": row} for row in PAIRS]
    rows += [{"quarantined": key, "reason": "not a song"} for key in QUARANTINED]
    return [json.dumps(line) for line in rows]


def pipeline_in(folder: Path) -> Pipeline:
    """Write the contract, whose statements are files, to a folder."""
    (folder / "manifest.sql").write_text("SELECT key FROM manifest_object WHERE %(dag_run_id)s = 'run-1'")
    (folder / "publication.sql").write_text("SELECT dag_run_id, published_at FROM publication")
    return Pipeline(
        pipeline="songs",
        dag_id="songs",
        stages=(),
        relations=(
            Relation(name="song_instrument", key=("filename", "instrument"), manifest_key="filename"),
            Relation(name="pair", key=("a", "b"), values=("score",)),
        ),
        quarantine=Quarantine(name="refused", key=("filename",), reason="reason"),
        manifest=FrozenManifest(file=folder / "manifest.sql"),
        publication=SqlFile(file=folder / "publication.sql"),
        oracle=Oracle(command="python -m no.such.oracle"),
    )


def land_everything(connection: psycopg.Connection) -> None:
    """Create the relations, and land what the oracle says."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        cursor.executemany("INSERT INTO song_instrument VALUES (%s, %s)", INSTRUMENTS)
        cursor.executemany("INSERT INTO pair VALUES (%s, %s, %s)", PAIRS)
        cursor.executemany("INSERT INTO refused VALUES (%s, 'not a song')", [(key,) for key in QUARANTINED])
        cursor.executemany("INSERT INTO manifest_object VALUES (%s)", [(key,) for key in KEYS + QUARANTINED])
        cursor.execute("INSERT INTO next_score VALUES (%s)", [math.nextafter(SCORES["03.mid", "04.mid"] or 0, 1)])
        cursor.execute("INSERT INTO publication VALUES ('run-1', now())")
