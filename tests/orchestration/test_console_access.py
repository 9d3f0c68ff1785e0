"""The console in a real Airflow API server: its login, its roles, its cookie, its pages' links."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from include.settings import REPO_ROOT
from tests.chaos.agent.world import World, served_in
from tests.chaos.many_runs import plant

PASSWORDS = {"anna": "anna's", "ulla": "ulla's", "victor": "victor's"}
ROLES = "anna:admin,ulla:user,victor:viewer"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An agent, to which Airflow has a connection."""
    folder = tmp_path_factory.mktemp("agent")
    with pytest.MonkeyPatch.context() as environment, served_in(folder, environment) as world:
        plant(folder / "journals", 5)
        address = urlsplit(os.environ["CHAOS_AGENT_URL"])
        connection = {"conn_type": "http", "host": address.hostname, "port": address.port, "password": "token"}
        environment.setenv("AIRFLOW_CONN_CHAOS_AGENT", json.dumps(connection))
        yield world


@pytest.fixture(scope="module")
def airflow(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Airflow's own API server with our plugin; nobody is logged in."""
    with pytest.MonkeyPatch.context() as environment:
        passwords = tmp_path_factory.mktemp("login") / "passwords.json"
        passwords.write_text(json.dumps(PASSWORDS))
        environment.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", ROLES)
        environment.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(passwords))
        environment.setenv("AIRFLOW__API__SECRET_KEY", "the API server's key")
        environment.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "a key for tokens of which nobody complains: " + "k" * 64)
        environment.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")
        from airflow.api_fastapi.app import create_app, purge_cached_app
        from airflow.utils.db import initdb

        initdb()
        purge_cached_app()
        with TestClient(create_app(), follow_redirects=False) as client:
            yield client
        purge_cached_app()


def token(airflow: TestClient, who: str) -> str:
    answer = airflow.post("/auth/token", json={"username": who, "password": PASSWORDS[who]})
    return str(answer.json()["access_token"])


def as_browser(airflow: TestClient, who: str) -> dict[str, str]:
    """Give the cookie that Airflow's login leaves in a browser."""
    return {"Cookie": f"_token={token(airflow, who)}"}


READ = ["/chaos/", "/chaos/runs", "/chaos/coverage", "/chaos/leases", "/chaos/agent", "/chaos/assets/console.js"]


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("headers", [{}, {"Cookie": "_token=forged"}, {"Authorization": "Bearer forged"}])
def test_without_airflows_login_nothing_is_shown(airflow: TestClient, path: str, headers: dict[str, str]) -> None:
    """Neither without a token nor with a wrong one; the answer leads to the login."""
    answer = airflow.get(path, headers=headers)
    assert answer.status_code in (401, 403)
    assert "claims" not in answer.text


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("who", PASSWORDS)
def test_every_role_may_look(airflow: TestClient, who: str, path: str) -> None:
    """By the cookie of Airflow's login, and by a token as scripts have."""
    assert airflow.get(path, headers=as_browser(airflow, who)).status_code == 200
    assert airflow.get(path, headers={"Authorization": f"Bearer {token(airflow, who)}"}).status_code == 200


@pytest.mark.parametrize(("who", "may"), [("anna", True), ("ulla", True), ("victor", False)])
def test_who_may_start_dag_runs_may_halt(airflow: TestClient, world: World, who: str, may: bool) -> None:  # noqa: FBT001  # a case
    """A viewer may not; the journal then has the user's name."""
    headers = as_browser(airflow, who)
    tokens = re.findall(r'name="token" value="([^"]+)"', airflow.get("/chaos/leases", headers=headers).text)
    assert bool(tokens) is may
    answer = airflow.post("/chaos/halt", headers=headers, data={"reason": "drill", "token": tokens[0] if may else ""})
    assert answer.status_code == (303 if may else 403)
    halted = world.registry.halted
    assert (halted.reason if halted else None) == (f"drill ({who}, in the console)" if may else None)
    world.registry.resume()


def test_a_form_of_one_user_is_no_good_for_another(airflow: TestClient, world: World) -> None:
    """Though both may halt."""
    [own] = re.findall(
        r'name="token" value="([^"]+)"', airflow.get("/chaos/leases", headers=as_browser(airflow, "anna")).text
    )
    answer = airflow.post("/chaos/halt", headers=as_browser(airflow, "ulla"), data={"reason": "x", "token": own})
    assert answer.status_code == 403
    assert world.registry.halted is None


def test_the_right_to_one_dag_is_not_asked_for(airflow: TestClient, world: World) -> None:
    """An address that names a DAG changes nothing in what is asked."""
    answer = airflow.post(
        "/chaos/halt?dag_id=scale_pipeline", headers=as_browser(airflow, "victor"), data={"reason": "x"}
    )
    assert answer.status_code == 403
    assert world.registry.halted is None


def test_the_agents_token_stays_in_the_server(airflow: TestClient) -> None:
    """No page has it, nor the key of forms."""
    for path in READ:
        text = airflow.get(path, headers=as_browser(airflow, "anna")).text
        assert "Bearer" not in text
        assert os.environ["AIRFLOW__API__SECRET_KEY"] not in text


def test_airflows_pages_have_ways_to_the_console(airflow: TestClient) -> None:
    """One in its menu, and a tab on the pages of a DAG, a run, a task and a task's instance."""
    headers = {"Authorization": f"Bearer {token(airflow, 'anna')}"}
    [plugin] = airflow.get("/api/v2/plugins", headers=headers).json()["plugins"]
    views = {view["destination"]: view["href"] for view in plugin["external_views"]}
    assert views["nav"] == "/chaos/"
    filled = {"{DAG_ID}": "chaos__straggler", "{RUN_ID}": "manual__1", "{TASK_ID}": "strike"}
    for place in ("dag", "dag_run", "task", "task_instance"):
        path = views[place]
        for name, value in filled.items():
            path = path.replace(name, value)
        assert (
            airflow.get(path, headers=headers)
            .headers["location"]
            .startswith(("/chaos/experiments/straggler", "/chaos/runs/straggler__manual__1"))
        )


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    """Every process of Airflow loads it; the console is made by the first page that is asked for."""
    code = (
        "import airflow.plugins_manager, airflow.sdk, sys; before = set(sys.modules); "
        "import plugins.chaos_control; print(*set(sys.modules) - before)"
    )
    printed = subprocess.run([sys.executable, "-c", code], cwd=REPO_ROOT, capture_output=True, text=True, check=True)
    imported = {name.split(".")[0] for name in printed.stdout.split()}
    assert imported.isdisjoint({"fastapi", "httpx", "jinja2", "plotly", "scipy", "uvicorn"})
    assert "include.console.app" not in printed.stdout
