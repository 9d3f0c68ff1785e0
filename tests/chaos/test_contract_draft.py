"""A draft holds what a DAG and a database show, is a contract as it stands, and says what a person must decide."""

from pathlib import Path

import pytest

from include.chaos.contract_draft import Draft, FoundColumn, FoundRelation
from include.chaos.pipeline import Pipeline, read_pipeline

SALES = FoundRelation(
    name="shop.sales",
    columns=(
        FoundColumn(name="sale_id", type="int8", is_identity=True),
        FoundColumn(name="hour", type="timestamptz"),
        FoundColumn(name="product", type="text"),
        FoundColumn(name="revenue", type="numeric", preset="0"),
        FoundColumn(name="landed_at", type="timestamptz", preset="now()"),
    ),
    keys=(("sale_id",), ("hour", "product")),
)


def _draft(*relations: FoundRelation, downstream: dict[str, list[str]] | None = None) -> Draft:
    return Draft(
        pipeline="sales",
        dag_id="hourly_sales",
        warehouse="shop_warehouse",
        downstream=downstream or {"publish": [], "load": ["publish"]},
        relations=relations or (SALES,),
    )


def _read(draft: Draft, folder: Path) -> Pipeline:
    path = folder / "sales.yaml"
    path.write_text(draft.to_yaml())
    return read_pipeline(path)


def test_a_draft_is_a_contract(tmp_path: Path) -> None:
    """The DAG's tasks in order, keys and values of each relation, and an oracle that needs no writing."""
    pipeline = _read(_draft(), tmp_path)
    assert [stage.task_id for stage in pipeline.stages] == ["load", "publish"]
    [relation] = pipeline.relations
    assert (relation.name, relation.key, relation.values) == ("shop.sales", ("hour", "product"), ("revenue",))
    assert (pipeline.dag_id, pipeline.warehouse) == ("hourly_sales", "shop_warehouse")
    assert pipeline.oracle.twin is not None


def test_a_draft_says_what_a_person_must_decide() -> None:
    """The oracle, the publication, the freshness, the parameters, and which relations count."""
    text = _draft().to_yaml()
    assert text.count("# DECIDE: ") == 5
    for commented in ("# conf: {}", "# publication: ", "# freshness: "):
        assert commented in text


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (FoundColumn(name="id", type="int8", is_identity=True), "a serial number"),
        (FoundColumn(name="id", type="int4", preset="nextval('x_id_seq'::regclass)"), "a serial number"),
        (FoundColumn(name="seen", type="timestamptz", preset="clock_timestamp()"), "clock_timestamp() where nothing"),
        (FoundColumn(name="day", type="date", preset="CURRENT_DATE"), "CURRENT_DATE where nothing"),
        (FoundColumn(name="key", type="uuid", preset="gen_random_uuid()"), "gen_random_uuid() where nothing"),
        (FoundColumn(name="updated_at", type="timestamptz"), "by its name a time of landing"),
        (FoundColumn(name="etl_date", type="date"), "by its name a time of landing"),
        (FoundColumn(name="extra", type="jsonb", comparable=False), "of type jsonb, which cannot be compared"),
    ],
)
def test_columns_in_which_good_runs_may_differ_are_left_out_with_a_reason(
    tmp_path: Path, column: FoundColumn, why: str
) -> None:
    """Serial numbers, times of landing, and what cannot be compared."""
    draft = _draft(FoundRelation(name="sales", columns=(column, FoundColumn(name="amount", type="int4"))))
    assert f"    # left out: {column.name}, " in draft.to_yaml()
    assert why in draft.to_yaml()
    assert column.name not in _read(draft, tmp_path).relations[0].columns()


@pytest.mark.parametrize(
    "column",
    [
        FoundColumn(name="ordered_at", type="timestamptz"),
        FoundColumn(name="created_by", type="text"),
        FoundColumn(name="state", type="text", preset="'new'::text"),
    ],
)
def test_other_columns_are_compared(tmp_path: Path, column: FoundColumn) -> None:
    """Times of the business, and defaults that are always the same."""
    draft = _draft(FoundRelation(name="sales", columns=(FoundColumn(name="id", type="int4"), column), keys=(("id",),)))
    assert _read(draft, tmp_path).relations[0].values == (column.name,)


def test_a_relation_without_a_key_asks_for_one(tmp_path: Path) -> None:
    """All its columns tell its rows apart, until a person knows better."""
    draft = _draft(FoundRelation(name="sales", columns=SALES.columns, keys=(("sale_id",),)))
    assert "DECIDE: by which columns are rows told apart?" in draft.to_yaml()
    assert _read(draft, tmp_path).relations[0].key == ("hour", "product", "revenue")


def test_odd_names_are_quoted(tmp_path: Path) -> None:
    """As YAML reads them again."""
    odd = ("yes", "12", "a: b", 'quo"te', "- dash", "ü\n")
    columns = tuple(FoundColumn(name=name, type="text") for name in odd)
    draft = _draft(FoundRelation(name="null", columns=columns, keys=(odd,)), downstream={"on": [], "1": ["on"]})
    pipeline = _read(draft, tmp_path)
    assert pipeline.relations[0].key == odd
    assert [stage.task_id for stage in pipeline.stages] == ["1", "on"]


def test_stages_that_run_side_by_side_are_said_to() -> None:
    """Their order is one of several."""
    text = _draft(downstream={"a": ["c", "b"], "b": ["d"], "c": ["d"], "d": []}).to_yaml()
    assert "some run side by side" in text
    assert [line[-1] for line in text.splitlines() if "task_id" in line] == ["a", "b", "c", "d"]
