"""Scored pairs that an oracle expects and a database holds; the same by the same number on both sides."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg

from include.chaos.pipeline import FrozenManifest, Oracle, Pipeline, Quarantine, Relation, SqlFile

PAIR = "pair"
KEY, VALUES = ("filename_a", "filename_b"), ("similarity_score",)
_IN_A_ROW = 3_163

_SCHEMA: tuple[LiteralString, ...] = (
    "CREATE TABLE pair (filename_a text, filename_b text, similarity_score double precision)",
    "CREATE TABLE refused (filename text)",
    "CREATE TABLE manifest_object (key text)",
    "INSERT INTO manifest_object VALUES ('00000000.mid')",
)
_LAND = """
    INSERT INTO pair
    SELECT
        lpad((number / %(in_a_row)s)::text, 8, '0') || '.mid',
        lpad((number %% %(in_a_row)s)::text, 8, '0') || '.mid',
        (number %% 997) / 997::float8
    FROM generate_series(0, %(rows)s - 1) AS number
"""
_SPOIL = """
    UPDATE pair SET similarity_score = similarity_score + 1e-16
    WHERE filename_a = '00000001.mid' AND filename_b = '00000002.mid'
"""


def land_pairs(connection: psycopg.Connection, rows: int) -> None:
    """Land so many pairs; one of them has a score whose last digit is wrong."""
    for statement in _SCHEMA:
        connection.execute(statement)
    connection.execute(_LAND, {"rows": rows, "in_a_row": _IN_A_ROW})
    spoilt = connection.execute(_SPOIL).rowcount
    if spoilt != 1:
        raise ValueError(f"{spoilt} rows were spoilt; there must be more than {_IN_A_ROW + 2} rows")
    connection.execute("VACUUM ANALYZE pair")


def expected_lines(rows: int) -> Iterator[bytes]:
    """Say what should have landed, as an oracle prints it."""
    for number in range(rows):
        a, b = divmod(number, _IN_A_ROW)
        row = [f"{a:08}.mid", f"{b:08}.mid", number % 997 / 997]
        yield json.dumps({"relation": PAIR, "row": row}).encode() + b"\n"


def contract_in(folder: Path) -> Pipeline:
    """Write the landing contract of the pairs, whose statements are files."""
    (folder / "manifest.sql").write_text("SELECT key FROM manifest_object WHERE %(dag_run_id)s <> ''")
    (folder / "publication.sql").write_text("SELECT 'run', now()")
    return Pipeline(
        pipeline="pairs",
        dag_id="pairs",
        stages=(),
        relations=(Relation(name=PAIR, key=KEY, values=VALUES),),
        quarantine=Quarantine(name="refused", key=("filename",)),
        manifest=FrozenManifest(file=folder / "manifest.sql"),
        publication=SqlFile(file=folder / "publication.sql"),
        oracle=Oracle(command="none"),
    )
