"""The pipeline of hourly orders on a real PostgreSQL, held against its landing contract however often it is cut off."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from include.chaos.events import RowsVerified
from include.chaos.kept_twins import RunUnderTest
from include.chaos.oracles import OracleWorld, expected_lines
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.failpoint_board import FailpointBoard
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.platforms.source_rows import SourceRows
from include.chaos.verification import verify_landing
from include.errors import LandingError
from include.failpoints import HOME_VARIABLE, Failpoint, FailpointError
from include.orders.sales import HourlyRun, Shop
from include.settings import WarehouseSettings
from tests.scale.servers import PostgresServer, postgres_server
from tests.waiting import await_

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
RUN = HourlyRun(dag_run_id="run-1", hour=NOON, orders=2_500, seed=7)
STAGES = ("receive_orders", "load_orders", "aggregate_sales", "publish_sales", "check_sales")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def settings(server: PostgresServer) -> WarehouseSettings:
    return server.create_database()


@pytest.fixture
def shop(settings: WarehouseSettings) -> Shop:
    return Shop(settings=settings)


@pytest.fixture
def connection(server: PostgresServer, settings: WarehouseSettings) -> Iterator[psycopg.Connection]:
    with server.connect(settings.dbname) as connection:
        yield connection


def _run(shop: Shop, run: HourlyRun, *stages: str) -> None:
    for stage in stages or STAGES:
        getattr(shop, stage)(run)


def _verify(settings: WarehouseSettings, run: HourlyRun = RUN) -> RowsVerified:
    pipeline = load_pipeline("orders")
    world = OracleWorld(
        environment=os.environ,
        open_reader=lambda: SourceRows(settings, application_name="test: oracle"),
        twins=None,
    )
    under_test = RunUnderTest(dag_run_id=run.dag_run_id, conf={})
    with (
        closing(LandedRows(settings, application_name="test: landed")) as landed,
        closing(expected_lines(pipeline, under_test, world)) as lines,
    ):
        return verify_landing(pipeline, run.dag_run_id, lines, landed)


def _landed(settings: WarehouseSettings) -> list[int]:
    """Give how many rows landed in each relation, all of them as the oracle has them."""
    rows = _verify(settings)
    assert all(account.intact for account in rows.relations)
    assert rows.manifest is None
    return [account.expected for account in rows.relations]


def test_what_lands_is_what_the_contract_s_oracle_expects(shop: Shop, settings: WarehouseSettings) -> None:
    """Sums and shares of all hours, to the last bit; nothing is said of objects."""
    _run(shop, RUN)
    products, pairs = _landed(settings)
    assert 300 < products <= 400
    assert pairs > 5_000
    _run(shop, replace(RUN, dag_run_id="run-2", hour=NOON + timedelta(hours=1), orders=100))
    assert _landed(settings)[1] > pairs


def test_every_stage_may_run_twice(shop: Shop, settings: WarehouseSettings) -> None:
    """One after the other, and all of them again."""
    for stage in STAGES:
        _run(shop, RUN, stage, stage)
    _run(shop, RUN)
    assert _landed(settings)


def test_the_same_seed_gives_the_same_orders_and_another_one_others(shop: Shop, settings: WarehouseSettings) -> None:
    """An hour that is made up anew lands anew."""
    _run(shop, RUN)
    first = _landed(settings)
    _run(shop, replace(RUN, dag_run_id="run-2", seed=8))
    other = _landed(settings)
    _run(shop, replace(RUN, dag_run_id="run-3"))
    assert _landed(settings) == first != other


@pytest.mark.parametrize(
    ("stage", "place"),
    [
        ("load_orders", "batch_loaded"),
        ("aggregate_sales", "aggregated"),
        ("publish_sales", "sales_shown"),
        ("publish_sales", "published"),
    ],
)
def test_a_stage_that_is_cut_off_is_made_good_by_its_next_try(
    shop: Shop,
    settings: WarehouseSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    place: str,
) -> None:
    """At each failpoint of the contract; a publication is seen as a whole or not at all."""
    _run(shop, RUN)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    run = replace(RUN, dag_run_id="run-2", seed=8)
    board, failpoint = FailpointBoard(tmp_path), Failpoint(run_id="run-2", stage=stage, name=place)
    _run(shop, run, *STAGES[: STAGES.index(stage)])
    board.arm(failpoint, timedelta(seconds=30))
    (failpoint.folder(tmp_path) / "fail").write_text("1")
    with pytest.raises(FailpointError):
        _run(shop, run, stage)
    board.disarm(failpoint)
    published = _verify(settings, run).published_dag_run_id
    assert published == ("run-2" if place == "published" else "run-1")
    _run(shop, run, *STAGES[STAGES.index(stage) :])
    assert _landed(settings)


def test_a_try_goes_on_where_the_last_one_came_to(
    shop: Shop, connection: psycopg.Connection, settings: WarehouseSettings
) -> None:
    """What is loaded is not loaded again."""
    _run(shop, RUN, "receive_orders", "load_orders")
    connection.execute("DELETE FROM shop.loaded_line WHERE order_id > (SELECT last_order_id - 500 FROM shop.load)")
    connection.execute("UPDATE shop.load SET last_order_id = last_order_id - 500, loaded_orders = loaded_orders - 500")
    _run(shop, RUN, "load_orders", "aggregate_sales", "publish_sales", "check_sales")
    assert _landed(settings)


@pytest.mark.parametrize("stage", STAGES[1:4])
def test_two_tries_at_once_take_turns(
    shop: Shop, connection: psycopg.Connection, settings: WarehouseSettings, stage: str
) -> None:
    """While the run's row is locked both wait; then each does it whole, or finds it done."""
    _run(shop, RUN, *STAGES[: STAGES.index(stage)])
    if stage == "load_orders":
        _run(shop, replace(RUN, dag_run_id=RUN.dag_run_id), "load_orders")
        connection.execute("UPDATE shop.load SET last_order_id = 0, loaded_orders = 0")
        connection.execute("TRUNCATE shop.loaded_line")
    tries = [threading.Thread(target=_run, args=(shop, RUN, stage)) for _ in range(2)]
    with connection.transaction():
        connection.execute("SELECT FROM shop.load FOR UPDATE")
        for attempt in tries:
            attempt.start()
        await_(lambda: _waiting(connection) == 2)
    for attempt in tries:
        attempt.join()
    _run(shop, RUN, *STAGES[STAGES.index(stage) + 1 :])
    assert _landed(settings)


def _waiting(connection: psycopg.Connection) -> int:
    connection.execute("SELECT pg_stat_clear_snapshot()")
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'orders' AND wait_event_type = 'Lock'"
    [(count,)] = connection.execute(query).fetchall()
    return int(count)


def test_the_contract_counts_how_far_a_run_has_loaded(shop: Shop, connection: psycopg.Connection) -> None:
    """(loaded, expected), for strikes with a share of the rows staged."""
    statement = load_pipeline("orders").stage("load_orders").staged_rows
    assert statement is not None
    _run(shop, RUN, "receive_orders", "load_orders")
    query = statement.read().encode()
    assert connection.execute(query, {"dag_run_id": "run-1"}).fetchall() == [(2_500, 2_500)]
    assert connection.execute(query, {"dag_run_id": "run-2"}).fetchall() == []


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE shop.sales_by_product SET revenue = revenue + 0.01 WHERE product_id = 3",
        "UPDATE shop.publication SET dag_run_id = 'another'",
    ],
)
def test_the_last_stage_fails_on_what_analysts_should_not_read(
    shop: Shop, connection: psycopg.Connection, spoil: str
) -> None:
    """A cent, or another run's rows."""
    _run(shop, RUN)
    connection.execute(spoil.encode())
    with pytest.raises(LandingError, match="analysts read"):
        shop.check_sales(RUN)


def test_a_run_that_was_swept_away_says_so(shop: Shop) -> None:
    """A stage of an older run that is cleared when a later one has begun."""
    _run(shop, RUN)
    _run(shop, replace(RUN, dag_run_id="run-2"))
    with pytest.raises(LandingError, match="run-1 has loaded nothing, or a later one has swept it away"):
        shop.publish_sales(RUN)


def test_a_load_is_known_to_the_planner_before_it_is_added_up(shop: Shop, connection: psycopg.Connection) -> None:
    """Statistics of the load before it say that it has no rows, and a plan for no rows never ends."""
    _run(shop, RUN, "receive_orders", "load_orders")
    connection.execute("ANALYZE")
    connection.commit()
    _run(shop, replace(RUN, dag_run_id="run-2"), "load_orders", "aggregate_sales")
    rows = "FROM shop.loaded_line WHERE load_id = (SELECT max(load_id) FROM shop.load)"
    [(there,)] = connection.execute(f"SELECT count(*) {rows}").fetchall()
    [(newest,)] = connection.execute("SELECT max(load_id) FROM shop.load").fetchall()
    explained = f"EXPLAIN (FORMAT JSON) SELECT FROM shop.loaded_line WHERE load_id = {newest}"
    [([plan],)] = connection.execute(explained).fetchall()
    assert plan["Plan"]["Plan Rows"] > there / 2
