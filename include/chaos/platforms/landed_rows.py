"""Digest relations inside a PostgreSQL, and give the rows of the buckets that are asked for."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.pq import Format

from include.chaos.cells import CELL_TYPES, CellType
from include.chaos.integrity import SAMPLES_KEPT
from include.chaos.platforms.postgres import PostgresReader, identify
from include.chaos.row_digests import BucketDigest
from include.chaos.row_images import RowForm
from include.errors import PlatformError

_FETCHED_AT_ONCE = 1_000

_CELL_TYPES = {"varchar": "text", "int2": "int8", "int4": "int8"}
"""PostgreSQL's types that are compared as another one; all others have their own name."""

COMPARED_TYPES = frozenset({*CELL_TYPES, *_CELL_TYPES})
"""PostgreSQL's names of the types that can be compared."""

_CANONICAL = {
    "text": "{}::text",
    "int8": "{}::int8",
    "float4": "CASE WHEN {} = 'NaN' THEN 'NaN'::float4 ELSE {}::float4 + 0::float4 END",
    "float8": "CASE WHEN {} = 'NaN' THEN 'NaN'::float8 ELSE {}::float8 + 0::float8 END",
    "numeric": "trim_scale({})::text",
    "bool": "{}::bool",
    "date": "{}::date",
    "timestamptz": "{}::timestamptz",
    "uuid": "{}::uuid",
}
"""One form for what PostgreSQL calls equal. The casts strip domains, and the limits of `varchar`."""

_DIGESTS = sql.SQL("""
    SELECT {bucket} AS bucket, count(*), sum(('x' || right(md5({image}), 16))::bit(64)::bigint)
    FROM {relation}
    GROUP BY 1
""")

_ROWS = sql.SQL("""
    SELECT bucket, image
    FROM (SELECT {bucket} AS bucket, {image} AS image FROM {relation}) AS landed
    WHERE bucket = ANY({wanted})
    ORDER BY bucket
""")

_UNEXPLAINED = sql.SQL("""
    SELECT {key}::text, count(*) OVER () FROM {relation} WHERE {reason} IS NULL OR {reason}::text ~ '^\\s*$'
    ORDER BY 1 LIMIT {most}
""")


class LandedRows(PostgresReader):
    """What a consumer reads, digested where it lies; see `row_digests` and `row_images` for the other side."""

    def read_form(self, relation: str, columns: tuple[str, ...], key_columns: int) -> RowForm:
        """Ask the catalogue for the types of columns; raise `PlatformError` for one that cannot be compared."""
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        nothing = sql.SQL("SELECT {} FROM {} LIMIT 0").format(names, identify(relation))
        with self._working() as connection:
            oids = [column.type_code for column in connection.execute(nothing).description or ()]
        types = tuple(_cell_type(relation, column, oid) for column, oid in zip(columns, oids, strict=True))
        return RowForm(relation=relation, columns=columns, types=types, key_columns=key_columns)

    def read_digests(self, form: RowForm, buckets: int) -> Mapping[int, BucketDigest]:
        """Give the digests of the buckets that have rows; nothing else leaves the database."""
        query = _DIGESTS.format(
            bucket=_bucket(form, buckets), image=_image(form, len(form.columns)), relation=identify(form.relation)
        )
        with self._working() as connection:
            found = connection.execute(query).fetchall()
        return {bucket: BucketDigest(rows=rows, total=int(total)) for bucket, rows, total in found}

    @contextmanager
    def read_rows(self, form: RowForm, buckets: int, wanted: Collection[int]) -> Iterator[Iterator[tuple[int, bytes]]]:
        """Give the rows of some buckets, bucket by bucket, while a snapshot is open: each with its bucket's number."""
        query = _ROWS.format(
            bucket=_bucket(form, buckets),
            image=_image(form, len(form.columns)),
            relation=identify(form.relation),
            wanted=sql.Literal(list(wanted)),  # not bound: a column's name may hold a %, which binding would read
        )
        with self._working() as connection, connection.cursor("landed_rows") as cursor:
            cursor.format = Format.BINARY
            cursor.itersize = _FETCHED_AT_ONCE
            yield iter(cursor.execute(query))

    def find_unexplained(self, relation: str, key: str, reason: str) -> tuple[int, list[str]]:
        """Count the rows whose reason is NULL or blank, and give the keys of some."""
        query = _UNEXPLAINED.format(
            key=sql.Identifier(key),
            relation=identify(relation),
            reason=sql.Identifier(reason),
            most=sql.Literal(SAMPLES_KEPT),
        )
        with self._working() as connection:
            found = connection.execute(query).fetchall()
        return (found[0][1] if found else 0), [str(name) for name, _ in found]


def _cell_type(relation: str, column: str, oid: int) -> CellType:
    found = psycopg.adapters.types.get(oid)
    name = found.name if found else f"type {oid}"
    try:
        return CELL_TYPES[_CELL_TYPES.get(name, name)]
    except KeyError as error:
        known = ", ".join(sorted(COMPARED_TYPES))
        raise PlatformError(f"{relation}.{column} is {name}; what can be compared is {known}") from error


def _bucket(form: RowForm, buckets: int) -> sql.Composed:
    key = _image(form, form.key_columns)
    return sql.SQL("('x' || left(md5({}), 4))::bit(16)::int & {}").format(key, sql.Literal(buckets - 1))


def _image(form: RowForm, columns: int) -> sql.Composed:
    """Compose the image of a row's first columns."""
    cells = zip(form.columns[:columns], form.types[:columns], strict=True)
    return sql.SQL("record_send(ROW({}))").format(sql.SQL(", ").join(_cell(name, kind) for name, kind in cells))


def _cell(column: str, kind: CellType) -> sql.Composed:
    form = _CANONICAL[kind.name]
    return sql.SQL(form).format(*[sql.Identifier(column)] * form.count("{}"))
