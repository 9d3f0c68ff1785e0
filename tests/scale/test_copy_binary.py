"""What COPY is sent in its binary format is what PostgreSQL gives back."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.scale.copy_binary import Width, arrays, bit_strings, copy_rows, integers, same
from tests.scale.servers import PostgresServer

SMALL, MEDIUM, LARGE = (st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (16, 32, 64))
ROWS = st.lists(
    st.tuples(
        SMALL,
        MEDIUM,
        LARGE,
        st.lists(SMALL, max_size=20),
        st.lists(MEDIUM, max_size=20),
        st.lists(LARGE, max_size=20),
        st.lists(st.booleans(), min_size=11, max_size=11),
    ),
    max_size=30,
)
TABLE = """
    CREATE TEMPORARY TABLE sent (
        place integer, fixed integer, small smallint, medium integer, large bigint,
        small_array smallint[], medium_array integer[], large_array bigint[], bits bit(11)
    )
"""


@pytest.fixture(scope="module")
def connection(postgres: PostgresServer) -> Iterator[psycopg.Connection]:
    """A session with a table of all kinds of columns."""
    with postgres.connect() as connected:
        connected.execute(TABLE)
        yield connected


def array_column(lists: Sequence[Sequence[int]], width: Width) -> list[bytes]:
    """Encode lists as arrays."""
    values = np.array([value for values in lists for value in values], dtype=np.int64)
    return arrays(values, np.cumsum([0, *map(len, lists)]), width)


@settings(deadline=timedelta(seconds=20), max_examples=60)  # each is a round trip to the server
@given(rows=ROWS, fixed=MEDIUM)
def test_rows_come_back_as_they_were_sent(
    connection: psycopg.Connection,
    rows: list[tuple[int, int, int, list[int], list[int], list[int], list[bool]]],
    fixed: int,
) -> None:
    """Every integer of every width, arrays of any length and bit strings survive the way, in order."""
    small, medium, large, *lists, bits = zip(*rows, strict=True) if rows else [()] * 7
    sent = copy_rows(
        integers(np.arange(len(rows)), Width.INT4),
        same(fixed, Width.INT4, len(rows)),
        integers(np.array(small, dtype=np.int64), Width.INT2),
        integers(np.array(medium, dtype=np.int64), Width.INT4),
        integers(np.array(large, dtype=np.int64), Width.INT8),
        *(array_column(column, width) for column, width in zip(lists, Width, strict=True)),
        bit_strings(np.array(bits, dtype=np.bool_).reshape(-1, 11)),
    )
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        with cursor.copy("COPY sent FROM STDIN WITH (FORMAT binary)") as copy:
            copy.write(sent)
        stored = cursor.execute("SELECT * FROM sent ORDER BY place").fetchall()
    assert stored == [
        (place, fixed, *row[:-1], "".join("01"[bit] for bit in row[-1])) for place, row in enumerate(rows)
    ]


def test_an_empty_array_is_the_servers_own(connection: psycopg.Connection) -> None:
    """It equals `{}`, so that joins on arrays find it."""
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        with cursor.copy("COPY sent (small_array) FROM STDIN WITH (FORMAT binary)") as copy:
            copy.write(copy_rows(array_column([[]], Width.INT2)))
        assert cursor.execute("SELECT count(*) FROM sent WHERE small_array = '{}'").fetchone() == (1,)


@given(width=st.sampled_from([Width.INT2, Width.INT4]), excess=st.integers(0, 2**32))
def test_a_number_that_does_not_fit_is_refused(width: Width, excess: int) -> None:
    """No value wraps around unnoticed, neither upwards nor downwards."""
    limit = 2 ** (8 * np.dtype(width.value[0]).itemsize - 1)
    for value in (limit + excess, -limit - 1 - excess):
        with pytest.raises(ValueError, match=f"do not fit {width.name}"):
            integers(np.array([0, value]), width)


def test_columns_of_different_lengths_are_refused() -> None:
    """Rows are never cut off."""
    with pytest.raises(ValueError, match="longer"):
        copy_rows(same(1, Width.INT2, 2), same(1, Width.INT2, 3))
