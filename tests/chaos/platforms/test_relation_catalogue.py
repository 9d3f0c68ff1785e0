"""The catalogue of a real PostgreSQL, as a draft of a landing contract needs it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from include.chaos.contract_draft import FoundRelation
from include.chaos.platforms.relation_catalogue import RelationCatalogue
from include.errors import ConfigurationError
from include.settings import WarehouseSettings
from tests.scale.servers import postgres_server

SCHEMA = """
    CREATE SCHEMA "Odd one";
    CREATE DOMAIN money_of_ours AS numeric CHECK (VALUE >= 0);
    CREATE TABLE "Odd one".sales (
        sale_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hour timestamptz, product varchar(9),
        revenue money_of_ours DEFAULT 0, extra jsonb, gone int, landed_at timestamptz DEFAULT now(),
        UNIQUE (product, hour) INCLUDE (revenue)
    );
    ALTER TABLE "Odd one".sales DROP COLUMN gone;
    CREATE UNIQUE INDEX ON "Odd one".sales (product) WHERE hour IS NULL;
    CREATE UNIQUE INDEX ON "Odd one".sales (lower(product));
    CREATE VIEW "Odd one".hours AS SELECT DISTINCT hour FROM "Odd one".sales;
    CREATE TABLE "Odd one".parted (day date PRIMARY KEY) PARTITION BY RANGE (day);
    CREATE TABLE "Odd one".part PARTITION OF "Odd one".parted DEFAULT;
    CREATE TABLE plain (name text);
"""


@pytest.fixture(scope="module")
def settings() -> Iterator[WarehouseSettings]:
    with postgres_server() as server:
        settings = server.create_database()
        with server.connect(settings.dbname) as connection:
            connection.execute(SCHEMA.encode())
        yield settings


def _found(settings: WarehouseSettings, schema: str) -> dict[str, FoundRelation]:
    with closing(RelationCatalogue(settings, application_name="test")) as catalogue:
        return {relation.name: relation for relation in catalogue.relations(schema)}


def test_tables_and_views_are_found_by_their_schema(settings: WarehouseSettings) -> None:
    """Partitions as one table; without their schema where that is the usual one."""
    assert _found(settings, "Odd one").keys() == {"Odd one.hours", "Odd one.parted", "Odd one.sales"}
    assert _found(settings, "public").keys() == {"plain"}


def test_columns_come_in_order_with_what_matters(settings: WarehouseSettings) -> None:
    """Domains as the types below them; columns that were dropped are not there."""
    columns = _found(settings, "Odd one")["Odd one.sales"].columns
    assert [(column.name, column.type, column.comparable) for column in columns] == [
        ("sale_id", "int8", True),
        ("hour", "timestamptz", True),
        ("product", "varchar", True),
        ("revenue", "numeric", True),
        ("extra", "jsonb", False),
        ("landed_at", "timestamptz", True),
    ]
    assert [column.name for column in columns if column.is_identity] == ["sale_id"]
    assert columns[-1].preset == "now()"


def test_only_what_tells_all_rows_apart_is_a_key(settings: WarehouseSettings) -> None:
    """The primary one first, in the index's own order; not what is unique for some rows, or by an expression."""
    assert _found(settings, "Odd one")["Odd one.sales"].keys == (("sale_id",), ("product", "hour"))
    assert _found(settings, "Odd one")["Odd one.hours"].keys == ()
    assert _found(settings, "Odd one")["Odd one.parted"].keys == (("day",),)


def test_a_schema_without_relations_is_refused(settings: WarehouseSettings) -> None:
    """By its name."""
    with pytest.raises(ConfigurationError, match="schema 'shop' of this database has no table"):
        _found(settings, "shop")
