"""Sets and their neighbours are in the warehouse as they were found."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.scale.bitmaps import PROGRAMS
from include.scale.neighbours import Neighbours
from include.scale.song_sets import order_song_sets
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse, migrate
from tests.scale.conftest import PATIENCE
from tests.scale.servers import PostgresServer

SET_IDS = st.integers(0, 2**31 - 1)
PAIRS = st.dictionaries(st.tuples(SET_IDS, SET_IDS), st.integers(0, PROGRAMS), min_size=1, max_size=40)
SETS = st.dictionaries(st.frozensets(st.integers(0, PROGRAMS - 1)), st.integers(1, 2**40), max_size=40)
ROUND_TRIPS = settings(deadline=timedelta(seconds=20), max_examples=40)


@pytest.fixture(scope="module")
def connection(postgres: PostgresServer) -> Iterator[psycopg.Connection]:
    """A session in a warehouse without rows."""
    warehouse = Warehouse(settings=postgres.create_database(), patience=PATIENCE)
    migrate(warehouse)
    with postgres.connect(warehouse.settings.dbname) as connected:
        yield connected


def stored(connection: psycopg.Connection, copy_in: str, rows: bytes, query: str) -> list[Row]:
    """Send rows by the named statement and read the table, of which nothing remains."""
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        with cursor.copy(statement(copy_in)) as copy:
            copy.write(rows)
        return cursor.execute(query.encode()).fetchall()


@ROUND_TRIPS
@given(pairs=PAIRS)
def test_neighbours_are_stored_under_each_set(
    connection: psycopg.Connection, pairs: dict[tuple[int, int], int]
) -> None:
    """Each set has a row with all its neighbours and, in the same order, what they share."""
    ascending = sorted(pairs)
    sets, others = np.array(ascending, dtype=np.int64).T
    neighbours = Neighbours(sets=sets, others=others, overlaps=np.array([pairs[pair] for pair in ascending]))
    query = "SELECT * FROM scale.set_neighbours ORDER BY set_id"
    rows = stored(connection, "staging/copy_neighbours", neighbours.copy_rows(7, 3), query)
    assert len(rows) == neighbours.row_count()
    assert [row[:3] for row in rows] == [(7, number, 3) for number in sorted({pair[0] for pair in ascending})]
    found = {(row[1], other): overlap for row in rows for other, overlap in zip(row[3], row[4], strict=True)}
    assert found == pairs


@ROUND_TRIPS
@given(sets=SETS)
def test_sets_are_stored_with_their_programs_bitmaps_and_songs(
    connection: psycopg.Connection, sets: dict[frozenset[int], int]
) -> None:
    """Numbers ascend by size, and bit p of a bitmap, from the left, stands for program p."""
    ordered = order_song_sets((sorted(programs), songs) for programs, songs in sets.items())
    query = "SELECT * FROM scale.instrument_set ORDER BY set_id"
    rows = stored(connection, "staging/copy_sets", ordered.copy_rows(7), query)
    assert [row[:2] for row in rows] == [(7, number) for number in range(len(sets))]
    assert [len(row[2]) for row in rows] == sorted(map(len, sets))
    assert {frozenset(row[2]): row[4] for row in rows} == sets
    assert all(row[3] == "".join("01"[program in row[2]] for program in range(PROGRAMS)) for row in rows)
