"""What tables and views a schema of a PostgreSQL has, by its catalogue."""

from collections import defaultdict
from typing import Any

from include.chaos.contract_draft import FoundColumn, FoundRelation
from include.chaos.platforms.landed_rows import COMPARED_TYPES
from include.chaos.platforms.postgres import PostgresReader
from include.errors import ConfigurationError

_COLUMNS = """
    SELECT relation.relname, attribute.attname, coalesce(base.typname, kind.typname) AS type,
        pg_get_expr(preset.adbin, preset.adrelid) AS preset, attribute.attidentity <> '' AS is_identity
    FROM pg_class AS relation
    JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid AND attribute.attnum > 0
    JOIN pg_type AS kind ON kind.oid = attribute.atttypid
    LEFT JOIN pg_type AS base ON base.oid = kind.typbasetype
    LEFT JOIN pg_attrdef AS preset ON preset.adrelid = relation.oid AND preset.adnum = attribute.attnum
    WHERE relation.relnamespace = to_regnamespace(quote_ident(%(schema)s)) AND relation.relkind IN ('r', 'p', 'v', 'm')
        AND NOT attribute.attisdropped AND NOT relation.relispartition
    ORDER BY relation.relname, attribute.attnum
"""
_KEYS = """
    SELECT relation.relname, array_agg(attribute.attname::text ORDER BY part.place)
    FROM pg_index AS unique_index
    JOIN pg_class AS relation ON relation.oid = unique_index.indrelid
    CROSS JOIN LATERAL unnest(unique_index.indkey::int2[]) WITH ORDINALITY AS part (attnum, place)
    JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid AND attribute.attnum = part.attnum
    WHERE relation.relnamespace = to_regnamespace(quote_ident(%(schema)s)) AND unique_index.indisunique
        AND unique_index.indisvalid AND unique_index.indpred IS NULL AND unique_index.indexprs IS NULL
        AND part.place <= unique_index.indnkeyatts
    GROUP BY relation.relname, unique_index.indexrelid, unique_index.indisprimary
    ORDER BY relation.relname, NOT unique_index.indisprimary, unique_index.indexrelid
"""


class RelationCatalogue(PostgresReader):
    """Tables with their partitions taken together, views and materialised views."""

    def relations(self, schema: str) -> list[FoundRelation]:
        """List a schema's relations by name; raise `ConfigurationError` when it has none."""
        columns: defaultdict[str, list[FoundColumn]] = defaultdict(list)
        keys: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        named = {"schema": schema}
        for relation, name, kind, preset, is_identity in self._ask(_COLUMNS, named):
            comparable = kind in COMPARED_TYPES
            column = FoundColumn(name=name, type=kind, preset=preset, is_identity=is_identity, comparable=comparable)
            columns[relation].append(column)
        if not columns:
            raise ConfigurationError(f"schema {schema!r} of this database has no table and no view that can be seen")
        for relation, key in self._ask(_KEYS, named):
            keys[relation].append(tuple(key))
        return [
            FoundRelation(
                name=relation if schema == "public" else f"{schema}.{relation}",
                columns=tuple(found),
                keys=tuple(keys[relation]),
            )
            for relation, found in columns.items()
        ]

    def _ask(self, query: str, parameters: dict[str, str]) -> list[tuple[Any, ...]]:
        return list(self.fetch_rows(query, parameters))
