"""What the tasks of an experiment's DAG do, one after the other, with an agent that really listens."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import uvicorn
from airflow.sdk.exceptions import AirflowFailException
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from include.chaos import events as e
from include.chaos.agent.server import build_app
from include.chaos.documents import parse_document
from include.chaos.experiment import Experiment
from include.chaos.journal import SystemClock
from include.chaos.model import LeaseState, VerdictValue
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.airflow import DagRunState
from include.errors import ConfigurationError, PlatformError
from include.orchestration import experiment_tasks, waiting
from include.orchestration.awaited import Awaited
from include.orchestration.connections import connection_environment
from include.orchestration.orders_tasks import hourly_run
from include.orders.sales import Shop
from include.settings import WarehouseSettings
from tests.chaos.agent.world import World, bodies, world_in
from tests.scale.servers import postgres_server
from tests.waiting import await_

RUN_ID = "null__manual"
CONF = {**load_pipeline("orders").conf, "orders": 500}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Serve a world's agent, and let Airflow's connection lead there."""
    with world_in(tmp_path) as made:
        config = uvicorn.Config(build_app(made.registry, SecretStr("token")), port=0, log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        await_(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        monkeypatch.setenv("AIRFLOW_CONN_CHAOS_AGENT", f"http://:token@127.0.0.1:{port}")
        yield made
        server.should_exit = True
        thread.join()


def _await(awaited: Awaited) -> None:
    waiting.begin(RUN_ID, awaited)
    waiting.end(RUN_ID, awaited, waiting.poll(RUN_ID, awaited))


def test_the_null_experiment_is_conducted_to_its_verdict(world: World) -> None:
    """Measure, arm, start, strike, undo, judge and publish; twice where Airflow may try twice."""
    for _ in range(2):
        experiment_tasks.measure(RUN_ID, "null", {})
    leases = experiment_tasks.arm_strikes(RUN_ID, "null")
    assert experiment_tasks.arm_strikes(RUN_ID, "null") == leases
    experiment_tasks.start(RUN_ID, "null", {})
    for _ in range(2):
        _await(Awaited.STRIKES)
        experiment_tasks.undo(RUN_ID, "null")
    world.airflow.run = DagRunState(dag_run_id=f"chaos__{RUN_ID}", state="success")
    _await(Awaited.LANDING)
    _await(Awaited.STEADY_STATE)
    verdict = experiment_tasks.reach_verdict(RUN_ID)
    assert verdict["verdict"] == VerdictValue.NOT_EXERCISED
    for _ in range(2):
        with pytest.raises(AirflowFailException, match="no probe saw an effect"):
            experiment_tasks.publish(RUN_ID, verdict)
    run = world.registry.get(RUN_ID)
    assert run.closed
    assert len(bodies(run, e.LeaseArmed)) == len(bodies(run, e.Injected)) == len(bodies(run, e.VerdictReached)) == 1


def test_a_strike_that_was_none_fails_its_task_by_name(world: World) -> None:
    """The task says which strike did not come about, and why."""
    experiment_tasks.measure(RUN_ID, "null", {})
    experiment_tasks.arm_strikes(RUN_ID, "null")
    world.registry.halt("not now")
    with pytest.raises(AirflowFailException, match=r"do_nothing: .*lease"):
        _await(Awaited.STRIKES)
    assert world.registry.get(RUN_ID).status().lease is LeaseState.REVOKED


ORDERS_RUN = "task_killed_while_loading__manual"
ORDERS = "task_killed_while_loading"


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch) -> Iterator[WarehouseSettings]:
    """Give a database of its own, to which Airflow's connection leads."""
    with postgres_server() as server:
        settings = server.create_database()
        password = settings.password.get_secret_value()
        address = f"{settings.user}:{password}@{settings.host}:{settings.port}/{settings.dbname}"
        monkeypatch.setenv("AIRFLOW_CONN_SCALE_WAREHOUSE", f"postgres://{address}")
        yield settings


def test_the_second_pipeline_s_rows_are_accounted_for(world: World, warehouse: WarehouseSettings) -> None:
    """By its own contract: statements for an oracle, no object store, no manifest, a limit to its freshness."""
    experiment_tasks.measure(ORDERS_RUN, ORDERS, {})
    experiment_tasks.start(ORDERS_RUN, ORDERS, {"orders": 500})
    shop, run = Shop(settings=warehouse), hourly_run(f"chaos__{ORDERS_RUN}", SystemClock().now(), CONF)
    for work in (shop.receive_orders, shop.load_orders, shop.aggregate_sales, shop.publish_sales):
        work(run)
    experiment_tasks.verify(ORDERS_RUN, ORDERS, {"orders": 500})
    opened = world.registry.get(ORDERS_RUN)
    (rows,) = bodies(opened, e.RowsVerified)
    assert [account.relation for account in rows.relations] == ["shop.sales_by_product", "shop.bought_together"]
    assert all(account.intact and account.expected for account in rows.relations)
    assert (rows.manifest, rows.published_dag_run_id) == (None, f"chaos__{ORDERS_RUN}")
    assert bodies(opened, e.RunOpened)[0].freshness == load_pipeline("orders").freshness


def _land_undisturbed(world: World, warehouse: WarehouseSettings) -> Shop:
    """Land an undisturbed run, which Airflow knows."""
    conf = {**CONF, "orders": 500}
    shop, run = Shop(settings=warehouse), hourly_run("manual__1", SystemClock().now(), conf)
    for work in (shop.receive_orders, shop.load_orders, shop.aggregate_sales, shop.publish_sales):
        work(run)
    now = datetime.now(UTC)
    known = DagRunState(dag_run_id="manual__1", state="success", start_date=now, end_date=now, conf=conf)
    world.airflow.earlier = [known]
    return shop


def test_an_oracle_that_agrees_with_an_undisturbed_run_is_asked_once(
    world: World, warehouse: WarehouseSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agreement is kept, and stands when other rows do."""
    monkeypatch.setenv("CHAOS_TWINS_HOME", str(tmp_path / "twins"))
    shop = _land_undisturbed(world, warehouse)
    experiment_tasks.measure(ORDERS_RUN, ORDERS, {"pipeline_conf": {"orders": 500}})
    _execute(shop, "UPDATE shop.sales_by_product SET units = units + 1")
    experiment_tasks.measure(ORDERS_RUN, ORDERS, {"pipeline_conf": {"orders": 500}})
    checked = bodies(world.registry.get(ORDERS_RUN), e.BaselineRowsVerified)
    assert [(found.dag_run_id, found.intact) for found in checked] == [("manual__1", True)] * 2


def test_an_oracle_that_contradicts_an_undisturbed_run_ends_the_experiment_before_its_strike(
    world: World, warehouse: WarehouseSettings
) -> None:
    """Its verdict names the oracle; nothing was armed."""
    shop = _land_undisturbed(world, warehouse)
    _execute(shop, "UPDATE shop.sales_by_product SET units = units + 1")
    with pytest.raises(AirflowFailException, match="contradicts manual__1"):
        experiment_tasks.measure(ORDERS_RUN, ORDERS, {"pipeline_conf": {"orders": 500}})
    verdict = experiment_tasks.reach_verdict(ORDERS_RUN)
    assert verdict["verdict"] == VerdictValue.INCONCLUSIVE
    assert "The oracle contradicts manual__1" in str(verdict["reasons"])


def _execute(shop: Shop, statement: str) -> None:
    with psycopg.connect(make_conninfo("", **shop.settings.connect_arguments()), autocommit=True) as connection:
        connection.execute(statement.encode())


def test_rows_that_could_not_be_compared_are_journalled_as_such(world: World, warehouse: WarehouseSettings) -> None:
    """Here nothing has ever landed: the relations are not there."""
    experiment_tasks.measure(ORDERS_RUN, ORDERS, {})
    experiment_tasks.start(ORDERS_RUN, ORDERS, {})
    with pytest.raises(PlatformError):
        experiment_tasks.verify(ORDERS_RUN, ORDERS, {})
    (failed,) = bodies(world.registry.get(ORDERS_RUN), e.VerificationFailed)
    assert 'relation "shop.sales_by_product" does not exist' in failed.error


def test_a_command_s_connections_become_its_variables(
    warehouse: WarehouseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by its own name, of whatever type; another type is refused."""
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_S3", '{"conn_type": "aws", "login": "k", "extra": {"endpoint_url": "u"}}')
    monkeypatch.setenv("AIRFLOW_CONN_MAIL", "smtp://host")
    assert connection_environment("scale_warehouse")["SCALE_WAREHOUSE_PORT"] == str(warehouse.port)
    with pytest.raises(ConfigurationError, match="shop_s3 lacks or has wrong: secret_access_key"):
        connection_environment("shop_s3")
    with pytest.raises(ConfigurationError, match="mail is of type 'smtp'; expected `postgres` or `aws`"):
        connection_environment("mail")


def test_the_journal_holds_the_experiment_as_the_form_changed_it(world: World) -> None:
    """And the verdict, computed from the journal alone, is of what was really done."""
    answers = {"do_nothing__hold_seconds": 0.5, "do_nothing__stage": "score_similarity"}
    experiment_tasks.measure(RUN_ID, "null", answers)
    opened = bodies(world.registry.get(RUN_ID), e.RunOpened)[0]
    conducted = parse_document(opened.experiment, Experiment, source="journal").strikes[0]
    assert (conducted.hold_for.total_seconds(), conducted.strike_point.stage) == (0.5, "score_similarity")
    assert (opened.strikes[0].hold_for, opened.strikes[0].strike_point) == (conducted.hold_for, conducted.strike_point)


def test_a_dry_run_says_what_would_be_struck_and_touches_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """What, where, when, how long and how it is undone; no journal, no act."""
    caplog.set_level("INFO")
    assert experiment_tasks.plan("warehouse_killed_while_landing", {"dry_run": True}) is False
    said = caplog.text
    for word in ("what: kill", "where: warehouse: 1 of 1", "when 50% of the rows", "hold: 10s", "undo: Lift the hold"):
        assert word in said
    assert world.registry.run_ids() == []
    assert world.platform.acts == []


def test_a_run_that_is_no_dry_run_goes_on_with_the_same_words(world: World) -> None:
    """What the dry run said is what is done."""
    assert experiment_tasks.plan("warehouse_killed_while_landing", {"dry_run": False}) is True


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"kill_warehouse__moment": "published"}, "stage extract_instruments has no failpoint 'published'"),
        ({"kill_warehouse__stage": "publish"}, "stage publish counts no staged rows"),
        ({"kill_warehouse__hold_seconds": 3600}, "holds longer than blast_radius"),
    ],
)
def test_answers_that_do_not_go_together_are_refused_before_anything_runs(
    world: World, answers: dict[str, object], reason: str
) -> None:
    """A schema looks at one field; the first task looks at all of them, in a dry run, too."""
    for dry_run in (True, False):
        with pytest.raises(AirflowFailException, match=reason):
            experiment_tasks.plan("warehouse_killed_while_landing", {**answers, "dry_run": dry_run})
    assert world.registry.run_ids() == []


def test_what_the_site_forbids_is_refused_before_anything_runs(world: World) -> None:
    """A halt, a flag and a missing target are told together."""
    world.registry.halt("an incident")
    world.platform.running.clear()
    with pytest.raises(AirflowFailException, match=r"an incident.*not running"):
        experiment_tasks.plan("warehouse_killed_while_landing", {})


def test_a_run_that_a_person_starts_may_begin_at_any_time_and_a_scheduled_one_not() -> None:
    """A window is for what begins by itself; a moment long ago has passed."""
    assert experiment_tasks.may_begin("null", None)
    assert not experiment_tasks.may_begin("null", datetime(2026, 1, 1, tzinfo=UTC))
