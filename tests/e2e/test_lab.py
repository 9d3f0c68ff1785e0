"""Labs of real servers: up, struck, held, and gone without a trace."""

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import obstore
import psutil
import psycopg
import pytest
from obstore.exceptions import PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from include.errors import LabError
from include.lab import reaper
from include.lab.catalogue import NAMES
from include.lab.lab import Lab
from include.lab.plan import BUCKET
from include.lab.status import ComponentStatus, State
from include.settings import REPO_ROOT
from tests.e2e.site import await_

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

STORAGE = frozenset({"warehouse", "object_store", "object_gate", "fault_proxy"})
AIRFLOW = frozenset({"control_db", *(name for name in NAMES if name.startswith("airflow"))})


@contextmanager
def lab_of(names: frozenset[str], *, folder_name: str = "lab", mode: int = 0o755) -> Iterator[Lab]:
    """Give a lab of its own that is down and deleted afterwards, whatever happened to it."""
    with tempfile.TemporaryDirectory(prefix="chaos-control-lab-") as folder:
        Path(folder).chmod(mode)
        lab = Lab.open(Path(folder) / folder_name, names=names)
        try:
            yield lab
        finally:
            lab.down(purge=True)


@pytest.fixture
def storage() -> Iterator[Lab]:
    """A lab of a database and an object store, up, in a folder whose name needs quoting."""
    with lab_of(STORAGE, folder_name="it's 100% ;a #lab") as lab:
        lab.up()
        yield lab


def status_of(lab: Lab, name: str) -> ComponentStatus:
    return next(component for component in lab.status() if component.name == name)


def pid_of(lab: Lab, name: str) -> int:
    pid = status_of(lab, name).pid
    assert pid is not None
    return pid


def supervisor_pid(lab: Lab) -> int:
    return int((lab.home.run / "supervisord.pid").read_text())


def await_state(lab: Lab, name: str, state: State) -> None:
    await_(lambda: status_of(lab, name).state is state, f"{name} to be {state}")


def insert_row(lab: Lab) -> None:
    with psycopg.connect(**lab.plan().warehouse().connect_arguments()) as connection:  # type: ignore[arg-type]  # str | int is what libpq takes
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS one")


def count_rows(lab: Lab) -> int:
    with psycopg.connect(**lab.plan().warehouse().connect_arguments()) as connection:  # type: ignore[arg-type]  # str | int is what libpq takes
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def bucket(lab: Lab, *, secret: str | None = None) -> S3Store:
    settings = lab.plan().object_store()
    return S3Store(
        BUCKET,
        endpoint=settings.endpoint,
        access_key_id=settings.access_key_id,
        secret_access_key=secret or settings.secret_access_key.get_secret_value(),
        region=settings.region,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )


def leftovers(lab: Lab) -> list[psutil.Process]:
    return reaper.leftovers(lab.plan().credentials.lab_id, lab.home.data)


def open_ports(lab: Lab) -> list[int]:
    return [port for port in lab.plan().ports.values() if is_open(port)]


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_up_is_idempotent(storage: Lab) -> None:
    """A second `up` says so and restarts nothing."""
    before = {component.name: component.pid for component in storage.status()}
    assert storage.up() is False
    assert {component.name: component.pid for component in storage.status()} == before


def test_up_starts_what_is_missing(storage: Lab) -> None:
    """A component that was stopped is started, the others are left as they are."""
    untouched = pid_of(storage, "object_store")
    storage.plan().supervisor().stop(["warehouse"], within=30)
    assert storage.up() is True
    assert status_of(storage, "warehouse").state is State.HEALTHY
    assert pid_of(storage, "object_store") == untouched


def test_a_killed_server_is_restarted_with_its_data(storage: Lab) -> None:
    """What was committed is there after SIGKILL, in another process."""
    insert_row(storage)
    killed = pid_of(storage, "warehouse")
    psutil.Process(killed).kill()
    await_(lambda: status_of(storage, "warehouse").pid not in {None, killed}, "the supervisor to restart it")
    await_state(storage, "warehouse", State.HEALTHY)
    assert count_rows(storage) == 1


def test_a_held_server_comes_back_at_the_deadline(storage: Lab) -> None:
    """A hold needs nobody to end it."""
    deadline = time.time() + 6
    storage.home.hold_of("warehouse").write_text(f"{deadline:.3f}\n")
    psutil.Process(pid_of(storage, "warehouse")).kill()
    await_state(storage, "warehouse", State.HELD)
    await_state(storage, "warehouse", State.HEALTHY)
    assert time.time() >= deadline


def test_the_object_store_refuses_a_wrong_secret(storage: Lab) -> None:
    """The keys are enforced, and the right ones work."""
    obstore.put(bucket(storage), "a key with spaces", b"song")
    assert obstore.get(bucket(storage), "a key with spaces").bytes() == b"song"
    with pytest.raises((PermissionDeniedError, UnauthenticatedError)):
        obstore.get(bucket(storage, secret="wrong"), "a key with spaces").bytes()


def test_down_leaves_no_process_and_no_port(storage: Lab) -> None:
    """And the data stay for the next `up`."""
    insert_row(storage)
    storage.down()
    assert leftovers(storage) == []
    assert open_ports(storage) == []
    assert {component.state for component in storage.status()} == {State.DOWN}
    storage.up()
    assert count_rows(storage) == 1


def test_down_works_when_the_supervisor_was_killed(storage: Lab) -> None:
    """Its orphans are found and ended."""
    psutil.Process(supervisor_pid(storage)).kill()
    assert storage.down() > 0
    assert leftovers(storage) == []
    assert open_ports(storage) == []


def test_up_works_when_the_supervisor_was_killed(storage: Lab) -> None:
    """Its orphans give way to a new start; the file with the dead supervisor's pid confuses nobody."""
    orphan = pid_of(storage, "warehouse")
    psutil.Process(supervisor_pid(storage)).kill()
    assert storage.up() is True
    assert {component.state for component in storage.status()} == {State.HEALTHY}
    assert pid_of(storage, "warehouse") != orphan


def test_down_and_purge_are_safe_when_nothing_runs() -> None:
    """On a folder that never was a lab, nothing happens to what lies there."""
    with lab_of(STORAGE) as lab:
        lab.home.path.mkdir()
        (lab.home.path / "precious").write_text("mine")
        assert lab.down(purge=True) == 0
        assert (lab.home.path / "precious").read_text() == "mine"


def test_two_labs_do_not_meet(storage: Lab) -> None:
    """Side by side they share no port, and the end of one is not the other's."""
    with lab_of(STORAGE) as other:
        other.up()
        assert set(storage.plan().ports.values()).isdisjoint(other.plan().ports.values())
        other.down()
        assert {component.state for component in storage.status()} == {State.HEALTHY}


def test_a_lab_in_a_private_folder_works() -> None:
    """As root too, whose PostgreSQL runs under an account that may not enter it."""
    with lab_of(STORAGE, mode=0o700) as lab:
        lab.up()
        insert_row(lab)
        assert count_rows(lab) == 1


def test_a_component_that_fails_is_named_with_its_log() -> None:
    """The message holds the log's end, and the rest stays up to be looked at."""
    with lab_of(STORAGE) as lab:
        lab.up()
        lab.down()
        (lab.home.data / "warehouse" / "PG_VERSION").write_text("1\n")
        with pytest.raises(LabError, match=r"(?s)warehouse: it ended at once.*incompatible.*left running"):
            lab.up()
        await_state(lab, "object_store", State.HEALTHY)


def test_the_command_line_tells_of_the_lab(storage: Lab) -> None:
    """`status --json`, `logs` and `env`, as scripts use them."""

    def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "include.cli", command, *arguments, "--lab", str(storage.home.path)]
        return subprocess.run(program, cwd=REPO_ROOT, capture_output=True, text=True, check=True)

    told = json.loads(run("status", "--json").stdout)
    assert {component["name"]: component["state"] for component in told} == dict.fromkeys(STORAGE, "healthy")
    assert "database system is ready" in run("logs", "warehouse").stdout
    env = run("env")
    assert "export SCALE_WAREHOUSE_PORT=" in env.stdout
    assert "in clear" in env.stderr


def test_airflow_survives_its_scheduler_and_leaves_nothing() -> None:
    """A killed scheduler is replaced; the workers that it leaked are gone after `down`."""
    with lab_of(AIRFLOW) as lab:
        lab.up()
        killed = psutil.Process(pid_of(lab, "airflow_scheduler"))
        workers = killed.children(recursive=True)
        assert workers
        killed.kill()
        await_(lambda: status_of(lab, "airflow_scheduler").pid not in {None, killed.pid}, "a new scheduler")
        await_state(lab, "airflow_scheduler", State.HEALTHY)
        assert_pool_of_one_slot(lab)
        lab.down()
        assert leftovers(lab) == []
        assert not [worker for worker in workers if worker.is_running()]
        assert open_ports(lab) == []


def assert_pool_of_one_slot(lab: Lab) -> None:
    airflow = lab.plan().airflow()
    login = {"username": airflow.user, "password": airflow.password.get_secret_value()}
    with httpx.Client(base_url=airflow.url, trust_env=False) as client:
        token = client.post("/auth/token", json=login).json()["access_token"]
        answer = client.get("/api/v2/pools/spark", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["slots"] == 1
