"""A landing contract that is wrong says where, what was expected, and the nearest right word."""

from pathlib import Path

import pytest

from include.chaos.contract_checks import complain_of_files
from include.chaos.pipeline import PIPELINES, load_pipeline, read_pipeline
from include.errors import ConfigurationError

CONTRACT = """\
pipeline: sales
dag_id: hourly_sales
warehouse: shop_warehouse
stages:
  - task_id: load
  - task_id: publish
    failpoints: [shown]
relations:
  - name: shop.sales
    key: [hour, product_id]
    values: [revenue]
publication: {file: publication.sql}
oracle:
  sql:
    shop.sales: {file: expected.sql}
freshness: 5m
"""


def _read(folder: Path, right: str = "", wrong: str = "") -> None:
    assert right in CONTRACT
    path = folder / "sales.yaml"
    path.write_text(CONTRACT.replace(right, wrong, 1) if right else CONTRACT)
    read_pipeline(path)


def test_the_stage_that_freezes_the_manifest_is_one_of_the_contract(tmp_path: Path) -> None:
    """Without a name it is the first; a name that leads nowhere is refused with the nearest."""
    with pytest.raises(ConfigurationError, match=r"no stage 'lod'; did you mean 'load'"):
        _read(tmp_path, "freshness: 5m", "manifest: {file: manifest.sql, frozen_by: lod}")
    _read(tmp_path, "freshness: 5m", "manifest: {file: manifest.sql}")
    assert read_pipeline(tmp_path / "sales.yaml").freezing_stage == "load"
    assert load_pipeline("orders").freezing_stage is None


def test_a_pipeline_needs_neither_objects_nor_a_list_of_what_it_refuses(tmp_path: Path) -> None:
    """Relations, an oracle, and where consumers look are a contract."""
    _read(tmp_path)
    pipeline = read_pipeline(tmp_path / "sales.yaml")
    assert (pipeline.manifest, pipeline.quarantine, pipeline.warehouse) == (None, None, "shop_warehouse")
    assert [relation.name for relation in pipeline.accounted] == ["shop.sales"]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("oracle:\n  sql:", "oracle:\n  sgl:", r"14:3: oracle.sgl: unknown key 'sgl'; did you mean 'sql'\?"),
        ("    shop.sales: {", "    shop.sale: {", r"15:5: oracle.sql.shop.sale: the contract has no relation 'shop.s"),
        (
            "    shop.sales: {",
            "    shop.sale: {",
            r"14:3: oracle.sql: no statement gives the expected rows of shop.sal",
        ),
        ("  sql:", "  command: cat it\n  sql:", r"13:1: oracle: expected exactly one of `command: ...`, `sql: "),
        ("  sql:\n    shop.sales: {file: expected.sql}", "  connections: [a]\n  twin: {}", "`connections` are for a"),
        ("freshness: 5m", "freshness: 5 minutes", "16:1: freshness: expected a duration such as 250ms, 10s"),
        ("publication: {file: publication.sql}\n", "", r"15:1: freshness: needs `publication`"),
        ("values: [revenue]", "values: [hour]", r"9:5: relations\[0\]: column 'hour' is named 2 times"),
        (
            "    values",
            "    manifest_key: houre\n    values",
            r"11:5: .*'houre' is no column of `key`; did you mean 'ho",
        ),
        ("    values", "    manifest_key: hour\n    values", r"11:5: relations\[0\].manifest_key: needs `manifest`"),
        ("name: shop.sales", "name: a.shop.sales", r"9:5: relations\[0\].name: expected `name` or `schema.name`"),
        ("oracle:", "quarantine: {name: bad, key: [a, b]}\noracle:", r"13:25: quarantine.key: expected one column"),
        ("task_id: publish", "task_id: load", r"6:5: stages\[1\].task_id: 'load' is there already"),
        ("warehouse: shop_", "warehouse: Shop ", r"3:1: warehouse: "),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    """Line, field, what was expected, and the nearest word where there is one."""
    with pytest.raises(ConfigurationError, match=f"sales.yaml:.*{said}"):
        _read(tmp_path, right, wrong)


def test_statements_that_are_not_there_are_named(tmp_path: Path) -> None:
    """Each by the field that names it."""
    _read(tmp_path)
    complaints = dict(complain_of_files(read_pipeline(tmp_path / "sales.yaml")))
    assert complaints.keys() == {("publication", "file"), ("oracle", "sql", "shop.sales", "file")}


@pytest.mark.parametrize("name", [path.stem for path in PIPELINES.glob("*.yaml")])
def test_what_ships_is_right(name: str) -> None:
    """With every statement that it names."""
    assert list(complain_of_files(load_pipeline(name))) == []
