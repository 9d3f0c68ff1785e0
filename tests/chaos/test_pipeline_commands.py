"""Landing contracts on the command line: a draft from a real database and a server that answers as Airflow does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer

from include.chaos.contract_checks import complain_of_files
from include.chaos.pipeline import PIPELINES, load_pipeline, read_pipeline
from include.chaos.pipeline_commands import init, list_pipelines, make_twin, validate
from include.errors import ConfigurationError, PlatformError
from include.settings import REPO_ROOT
from tests.scale.servers import postgres_server

TASKS = {"receive": ["load"], "load": ["publish"], "publish": []}


class _Airflow(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path == "/api/v2/dags/hourly_orders/tasks"
        tasks = [{"task_id": task_id, "downstream_task_ids": later, "retries": 5} for task_id, later in TASKS.items()]
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"tasks": tasks, "total_entries": 3} if known else {"detail": "no DAG"}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its signature
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, str]]:
    """Give the variables of a site with an Airflow and a database in which the tables of orders are."""
    with postgres_server() as postgres, ThreadingHTTPServer(("127.0.0.1", 0), _Airflow) as airflow:
        settings = postgres.create_database()
        with postgres.connect(settings.dbname) as connection:
            connection.execute((REPO_ROOT / "include" / "sql" / "orders" / "schema.sql").read_bytes())
        thread = threading.Thread(target=airflow.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{airflow.server_port}"
        yield {
            **settings.to_environment(prefix="SHOP_WAREHOUSE_"),
            "CHAOS_AIRFLOW_URL": url,
            "CHAOS_AIRFLOW_USER": "u",
            "CHAOS_AIRFLOW_PASSWORD": "p",
        }
        airflow.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def environment(site: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in site.items():
        monkeypatch.setenv(name, value)


def test_a_draft_of_the_shipped_pipeline_finds_what_a_person_wrote(tmp_path: Path) -> None:
    """Keys, values, and what differs from run to run; the pipeline's own tables are for a person to take out."""
    path = tmp_path / "orders.yaml"
    init("hourly_orders", schema="shop", warehouse="shop_warehouse", output=str(path))
    draft, shipped = read_pipeline(path), load_pipeline("orders")
    assert [stage.task_id for stage in draft.stages] == ["receive", "load", "publish"]
    assert (draft.pipeline, draft.warehouse) == ("orders", "shop_warehouse")
    found = {relation.name: relation for relation in draft.relations}
    assert [found[relation.name] for relation in shipped.relations] == list(shipped.relations)
    assert "shop.loaded_line" in found
    assert list(complain_of_files(draft)) == []


def test_a_draft_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is written."""
    before = set(PIPELINES.iterdir())
    init("hourly_orders", schema="shop", warehouse="shop_warehouse", output="-")
    assert "pipeline: hourly_orders\ndag_id: hourly_orders\n" in capsys.readouterr().out
    assert set(PIPELINES.iterdir()) == before


def test_a_contract_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    """Somebody has decided things in it."""
    path = tmp_path / "orders.yaml"
    path.write_text("mine")
    with pytest.raises(ConfigurationError, match="is there already"):
        init("hourly_orders", schema="shop", warehouse="shop_warehouse", output=str(path))
    assert path.read_text() == "mine"


def test_a_dag_that_airflow_does_not_know_has_no_draft() -> None:
    """Airflow's answer is told."""
    with pytest.raises(PlatformError, match="404 to /api/v2/dags/nothing/tasks"):
        init("nothing", schema="shop", warehouse="shop_warehouse", output="-")


def test_a_warehouse_that_the_environment_does_not_describe_is_named() -> None:
    """By its variables."""
    with pytest.raises(ConfigurationError, match="OTHER_WAREHOUSE_HOST"):
        init("hourly_orders", warehouse="other_warehouse", output="-")


def test_shipped_contracts_are_listed_with_their_oracles(capsys: pytest.CaptureFixture[str]) -> None:
    """All that there are."""
    list_pipelines()
    said = capsys.readouterr().out
    assert all(path.stem in said for path in PIPELINES.glob("*.yaml"))


def test_validation_says_which_statement_is_missing_and_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 unless all are right."""
    shipped = PIPELINES / "orders.yaml"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(shipped.read_text().replace("contract/publication.sql", "contract/publicatoin.sql"))
    with pytest.raises(typer.Exit) as ended:
        validate([shipped, wrong])
    assert ended.value.exit_code == 1
    said = capsys.readouterr().out
    assert f"{shipped}: valid" in said
    assert "wrong.yaml:22:15: publication.file: " in said
    assert "1 of 2 landing contracts are valid" in said


def test_a_twin_needs_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is run."""
    monkeypatch.delenv("CHAOS_TWINS_HOME", raising=False)
    with pytest.raises(ConfigurationError, match="CHAOS_TWINS_HOME"):
        make_twin("orders")
