"""Oracles that look into a real PostgreSQL: statements over the source data, and the rows of an undisturbed run."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from include.chaos.events import RowsVerified
from include.chaos.journal import SystemClock
from include.chaos.kept_twins import RunUnderTest, twin_path
from include.chaos.oracles import OracleWorld, expected_lines
from include.chaos.pipeline import Oracle, Pipeline, Quarantine, Relation, SqlFile, Twin
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.platforms.source_rows import SourceRows
from include.chaos.twin_making import TwinMaker
from include.chaos.verification import verify_landing
from include.errors import PlatformError
from include.settings import WarehouseSettings
from tests.scale.servers import PostgresServer, postgres_server

SCHEMA = r"""
    CREATE SCHEMA shop;
    CREATE TABLE shop.line (product text, price numeric, weight float8, sold date, at timestamptz);
    INSERT INTO shop.line
    SELECT 'p%' || n % 7 || E'"\n', n * 1.10, CASE n WHEN 3 THEN 'NaN' WHEN 4 THEN '-Infinity' ELSE n / 3.0 END,
        DATE '2026-01-01' + n, TIMESTAMPTZ '2026-01-01 00:00:00.123456+02' + n * interval '1 hour'
    FROM generate_series(1, 50) AS n;
    CREATE TABLE shop.sales
        (product text, sold date, price numeric, weight float8, at timestamptz, landed_at timestamptz);
    CREATE TABLE refused (key text);
    CREATE TABLE publication (dag_run_id text, published_at timestamptz)
"""
RUN = """
    TRUNCATE shop.sales, refused, publication;
    INSERT INTO shop.sales SELECT product, sold, price + {wrong}, weight, at, clock_timestamp() FROM shop.line;
    INSERT INTO refused VALUES ('torn');
    INSERT INTO publication VALUES ('{dag_run_id}', now())
"""
EXPECTED = "SELECT product, sold, price, weight, at FROM shop.line WHERE (%(conf)s::json ->> 'all')::bool -- 100%%\n;"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@dataclass
class Shop:
    """A warehouse whose pipeline is one transaction."""

    settings: WarehouseSettings
    connection: psycopg.Connection
    folder: Path
    runs: int = 0
    conf: dict[str, object] = field(default_factory=lambda: {"all": True})

    def run(self, wrong: str = "0") -> RunUnderTest:
        self.runs += 1
        run = RunUnderTest(dag_run_id=f"run-{self.runs}", conf=dict(self.conf))  # type: ignore[arg-type]  # JSON
        self.connection.execute(RUN.format(wrong=wrong, dag_run_id=run.dag_run_id).encode())
        return run

    def file(self, name: str, text: str) -> SqlFile:
        (self.folder / name).write_text(text)
        return SqlFile(file=self.folder / name)

    def pipeline(self, oracle: Oracle) -> Pipeline:
        return Pipeline(
            pipeline="sales",
            dag_id="sales",
            conf={"all": True},
            stages=(),
            relations=(Relation(name="shop.sales", key=("product", "sold"), values=("price", "weight", "at")),),
            quarantine=Quarantine(name="refused", key=("key",)),
            publication=self.file("publication.sql", "SELECT dag_run_id, published_at FROM publication"),
            oracle=oracle,
        )

    def sql(self, statement: str = EXPECTED) -> Pipeline:
        statements = {"shop.sales": self.file("sales.sql", statement), "refused": self.file("r.sql", "SELECT 'torn'")}
        return self.pipeline(Oracle(sql=statements))

    def twin(self) -> Pipeline:
        return self.pipeline(Oracle(twin=Twin(source=self.file("state.sql", "SELECT count(*) FROM shop.line"))))

    def verify(self, pipeline: Pipeline, run: RunUnderTest) -> RowsVerified:
        world = OracleWorld(environment=os.environ, open_reader=self.source, twins=self.folder / "twins")
        with closing(self.landed()) as landed, closing(expected_lines(pipeline, run, world)) as lines:
            return verify_landing(pipeline, run.dag_run_id, lines, landed)

    def make_twin(self, *runs: str) -> Path:
        wrongs = iter(runs or ("0", "0"))
        with closing(self.landed()) as landed, closing(self.source()) as source:
            maker = TwinMaker(
                pipeline=self.twin(),
                run=lambda: self.run(next(wrongs)),
                source=source,
                landed=landed,
                clock=SystemClock(),
                home=self.folder / "twins",
            )
            return maker.make()[0]

    def source(self) -> SourceRows:
        return SourceRows(self.settings, application_name="test: source")

    def landed(self) -> LandedRows:
        return LandedRows(self.settings, application_name="test: landed")


@pytest.fixture
def shop(server: PostgresServer, tmp_path: Path) -> Iterator[Shop]:
    settings = server.create_database()
    with server.connect(settings.dbname) as connection:
        connection.execute(SCHEMA.encode())
        yield Shop(settings=settings, connection=connection, folder=tmp_path)


def _intact(rows: RowsVerified) -> bool:
    return all(account.intact for account in rows.relations) and rows.relations[0].expected == 50


def test_statements_over_the_source_give_the_expected_rows(shop: Shop) -> None:
    """Numbers to the last digit, doubles that are no numbers, dates and times; without a manifest, no objects."""
    rows = shop.verify(shop.sql(), shop.run())
    assert _intact(rows)
    assert [account.relation for account in rows.relations] == ["shop.sales", "refused"]
    assert rows.manifest is None
    assert (rows.publication_read, rows.published_dag_run_id) == (True, "run-1")


def test_a_row_that_differs_from_the_statements_is_found(shop: Shop) -> None:
    """One last digit."""
    run = shop.run()
    shop.connection.execute("UPDATE shop.sales SET price = price + 0.01 WHERE sold = '2026-01-08'")
    assert shop.verify(shop.sql(), run).relations[0].corrupted == 1


def test_the_parameters_of_the_run_reach_the_statements(shop: Shop) -> None:
    """Another run is expected to land other rows."""
    shop.conf = {"all": False}
    rows = shop.verify(shop.sql(), shop.run())
    assert (rows.relations[0].expected, rows.relations[0].unexpected) == (0, 50)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT product, sold FROM shop.line", r"of shop.sales, .*sales.sql, failed: .*gives 2 columns; .* are 5"),
        ("SELECT nothing FROM shop.line", r"of shop.sales, .*failed: column \"nothing\" does not exist"),
        ("DELETE FROM shop.line RETURNING *", r"of shop.sales, .*failed: "),
    ],
)
def test_a_statement_that_fails_gives_no_account(shop: Shop, statement: str, said: str) -> None:
    """And is named; it cannot write."""
    with pytest.raises(PlatformError, match=said):
        shop.verify(shop.sql(statement), shop.run())


def test_a_contract_without_a_publication_says_that_it_was_not_read(shop: Shop) -> None:
    """Nothing published, and nobody looked, are two things."""
    pipeline = shop.sql().model_copy(update={"publication": None})
    rows = shop.verify(pipeline, shop.run())
    assert (rows.publication_read, rows.published_dag_run_id, rows.published_at) == (False, None, None)


def test_a_twin_is_what_two_undisturbed_runs_both_landed(shop: Shop) -> None:
    """Its rows are those that a third run must land, whatever column of theirs may differ."""
    path = shop.make_twin()
    assert path == twin_path(shop.folder / "twins", shop.twin(), {"all": True})
    assert _intact(shop.verify(shop.twin(), shop.run()))
    assert shop.verify(shop.twin(), shop.run(wrong="0.01")).relations[0].corrupted == 50


def test_two_runs_that_differ_make_no_twin(shop: Shop) -> None:
    """The first difference is shown, and what was there before stays as it was."""
    with pytest.raises(PlatformError, match=r"two undisturbed runs differ.*shop.sales: 50 corrupted, e.g. \('p%"):
        shop.make_twin("0", "0.01")
    assert [path for path in (shop.folder / "twins").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("wrong", ["random()::numeric", "price * 0"])
def test_only_what_repeats_itself_is_kept(shop: Shop, wrong: str) -> None:
    """A pipeline that gives other rows each time is refused, one that is always wrong in the same way is not."""
    if wrong == "price * 0":
        assert shop.make_twin(wrong, wrong).is_file()
        return
    with pytest.raises(PlatformError, match="differ"):
        shop.make_twin(wrong, wrong)


def test_without_a_twin_nothing_is_known_of_the_rows(shop: Shop) -> None:
    """Neither another one's will do; how to make one is said, with the parameters."""
    shop.make_twin()
    shop.conf = {"all": False, "rows": 5}
    with pytest.raises(
        PlatformError, match=r"no twin with the parameters .*twin sales --conf all=false --conf rows=5`"
    ):
        shop.verify(shop.twin(), shop.run())


def test_a_twin_of_other_source_data_is_not_taken(shop: Shop) -> None:
    """The contract says what tells one state of them from another."""
    shop.make_twin()
    shop.connection.execute("INSERT INTO shop.line VALUES ('new')")
    with pytest.raises(PlatformError, match=r"source data have changed since .*`chaos-control pipeline twin sales`"):
        shop.verify(shop.twin(), shop.run())


def test_a_twin_of_another_contract_is_not_taken(shop: Shop) -> None:
    """A column that is compared since then."""
    shop.make_twin()
    relation = Relation(name="shop.sales", key=("product", "sold"), values=("price",))
    with pytest.raises(PlatformError, match="other relations or columns"):
        shop.verify(shop.twin().model_copy(update={"relations": (relation,)}), shop.run())


@pytest.mark.parametrize(
    "spoil", [lambda whole: whole[: len(whole) // 2], lambda whole: whole[:-99] + bytes(99), lambda whole: b"{}\n"]
)
def test_a_damaged_twin_is_not_taken(shop: Shop, spoil: object) -> None:
    """Torn, or something else."""
    path = shop.make_twin()
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]  # one of the two above
    with pytest.raises(PlatformError, match=r"cannot be read .*`chaos-control pipeline twin sales` makes one"):
        shop.verify(shop.twin(), shop.run())
