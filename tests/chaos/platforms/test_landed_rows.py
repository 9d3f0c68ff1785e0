"""What PostgreSQL hashes is to the bit what is hashed here, for every type, and its rows come as they were digested."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from include.chaos.expected_rows import ExpectedRelation
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.row_digests import bucket_count
from include.errors import PlatformError
from include.scale.warehouse import Warehouse, migrate
from tests.scale.servers import PostgresServer, postgres_server

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
TYPES: dict[str, st.SearchStrategy[object]] = {
    "text": TEXTS,
    "varchar(20)": TEXTS,
    "name_of_song": TEXTS,
    "int2": st.integers(-(2**15), 2**15 - 1),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1),
    "float4": st.floats(width=32),
    "float8": st.floats(),
    "numeric": st.decimals(allow_infinity=False, allow_nan=False) | st.just(Decimal("NaN")),
    "bool": st.booleans(),
    "date": st.dates(),
    "timestamptz": st.datetimes(timezones=st.just(UTC), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001  # as asked
    "uuid": st.uuids(),
}
ROWS = st.lists(st.tuples(*(strategy | st.none() for strategy in TYPES.values())), max_size=8)
COLUMNS = tuple(f'column "{number}" 100%' for number in range(len(TYPES)))


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture(scope="module")
def connection(server: PostgresServer) -> Iterator[psycopg.Connection]:
    with server.connect() as connected:
        connected.execute("CREATE DOMAIN name_of_song AS text")
        columns = (sql.SQL("{} ").format(sql.Identifier(n)) + sql.SQL(t) for n, t in zip(COLUMNS, TYPES, strict=True))
        connected.execute(
            sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier('odd "name"'), sql.SQL(",").join(columns))
        )
        connected.execute(
            "CREATE TABLE odd_types (n int, b bytea, f float8, g float4, d date, m timestamptz, v numeric)"
        )
        yield connected


@pytest.fixture(scope="module")
def landed(server: PostgresServer) -> Iterator[LandedRows]:
    reader = LandedRows(server.settings("postgres"), application_name="test")
    yield reader
    reader.close()


def _said(value: object) -> object:
    """Say a value as an oracle would in JSON; what comes back is what the reader of its lines sees."""
    match value:
        case date() | datetime() | UUID():
            return str(value)
        case Decimal():
            return value if value.is_finite() else str(value)
        case _:
            return json.loads(json.dumps(value))


@settings(max_examples=60)
@given(ROWS, st.integers(1, len(TYPES)))
def test_digests_and_rows_agree_to_the_bit(
    connection: psycopg.Connection, landed: LandedRows, rows: list[tuple[object, ...]], key_columns: int
) -> None:
    """Random rows of all types, copies and NULLs among them: both sides have one digest and one image for each."""
    relation = sql.Identifier('odd "name"')
    connection.execute(sql.SQL("TRUNCATE {}").format(relation))
    with connection.cursor() as cursor:
        values = sql.SQL(",").join([sql.Placeholder()] * len(TYPES))
        cursor.executemany(sql.SQL("INSERT INTO {} VALUES ({})").format(relation, values), rows)
    form = landed.read_form('odd "name"', COLUMNS, key_columns)
    expected = ExpectedRelation(form)
    images = []
    for row in rows:
        said = [_said(value) for value in row]
        expected.add(said)
        images.append(form.encode(said)[1])
    assert landed.read_digests(form, expected.buckets) == expected.digests()
    buckets = range(expected.buckets)
    with landed.snapshot(), landed.read_rows(form, expected.buckets, buckets) as found:
        assert sorted(image for _, image in found) == sorted(images)
    expected.close()


def test_what_postgresql_calls_equal_has_one_form(connection: psycopg.Connection, landed: LandedRows) -> None:
    """-0 is 0, a NaN that was computed is the constant, and trailing zeros of a numeric do not count."""
    infinite = "'infinity'::float8 - 'infinity'::float8, 'infinity'::float4 - 'infinity'::float4"
    connection.execute("TRUNCATE odd_types")
    connection.execute(sql.SQL("INSERT INTO odd_types (n, f, g, v) VALUES (1, '-0', '-0', 1.500)"))
    connection.execute(sql.SQL("INSERT INTO odd_types (n, f, g, v) SELECT 2, {}, -0.0").format(sql.SQL(infinite)))
    form = landed.read_form("odd_types", ("n", "f", "g", "v"), 1)
    expected = ExpectedRelation(form)
    expected.add([1, 0, 0.0, Decimal("1.5")])
    expected.add([2, float("nan"), float("nan"), 0])
    assert landed.read_digests(form, expected.buckets) == expected.digests()
    expected.close()


def test_times_beyond_those_of_python_are_read_and_shown(connection: psycopg.Connection, landed: LandedRows) -> None:
    """Infinity and dates before Christ are no reason to end without an account."""
    connection.execute("TRUNCATE odd_types")
    connection.execute("INSERT INTO odd_types (n, d, m) VALUES (1, 'infinity', '0044-03-15 12:00+00 BC')")
    form = landed.read_form("odd_types", ("n", "d", "m"), 1)
    with landed.snapshot(), landed.read_rows(form, 1, [0]) as rows:
        ((_, image),) = rows
    key, values = form.decode(image)
    assert key == (1,)
    assert all("and" in str(value) for value in values)


def test_rows_come_by_ascending_bucket_and_only_from_those_wanted(
    connection: psycopg.Connection, landed: LandedRows
) -> None:
    """A thousand rows in 32 buckets; two are asked for, and as many rows come as their digests have counted."""
    connection.execute("TRUNCATE odd_types")
    connection.execute("INSERT INTO odd_types (n) SELECT generate_series(1, 1000)")
    form = landed.read_form("odd_types", ("n",), 1)
    buckets = bucket_count(1000)
    digests = landed.read_digests(form, buckets)
    assert sum(digest.rows for digest in digests.values()) == 1000
    with landed.snapshot(), landed.read_rows(form, buckets, {9, 4}) as rows:
        found = [bucket for bucket, _ in rows]
    assert found == [4] * digests[4].rows + [9] * digests[9].rows


def test_what_scale_publishes_can_be_digested(server: PostgresServer) -> None:
    """The relations of the shipped contract are views; before any run they are there and empty."""
    settings = server.create_database()
    migrate(Warehouse(settings=settings, patience=timedelta(seconds=30)))
    pipeline = load_pipeline("scale")
    with closing(LandedRows(settings, application_name="test")) as landed:
        for relation in pipeline.accounted:
            form = landed.read_form(relation.name, relation.columns(), len(relation.key))
            assert landed.read_digests(form, 8) == {}
            with landed.snapshot(), landed.read_rows(form, 8, range(8)) as rows:
                assert list(rows) == []


def test_a_type_that_cannot_be_compared_is_refused_by_its_name(landed: LandedRows) -> None:
    """A contract that names such a column gets a sentence, not a wrong account."""
    with pytest.raises(PlatformError, match=r"odd_types\.b is bytea; what can be compared is bool, date"):
        landed.read_form("odd_types", ("n", "b"), 1)


def test_a_relation_or_column_that_is_not_there_is_named(landed: LandedRows) -> None:
    """A misspelt contract is said before the oracle is asked."""
    with pytest.raises(PlatformError, match="no_such_table"):
        landed.read_form("no_such_table", ("n",), 1)
    with pytest.raises(PlatformError, match="no_such_column"):
        landed.read_form("odd_types", ("no_such_column",), 1)
