"""The readers behind the probes, on real sockets, programs and processes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from include.chaos.model import Component, Target, TargetInstance
from include.chaos.platforms.addresses import LocalAddresses
from include.chaos.platforms.commands import ProgramRunner
from include.chaos.platforms.http import HttpGetter
from include.chaos.platforms.pgbench import Pgbench
from include.chaos.platforms.process_meter import ProcessMeter
from include.chaos.platforms.s3 import S3Reader
from include.chaos.probes.http import HttpAnswer
from include.chaos.probes.place import Place
from include.errors import PlatformError
from include.object_gate.rules import (
    ChangedObject,
    CorruptObject,
    Effect,
    ErrorAnswer,
    MissingObject,
    Rule,
    StaleListing,
    TruncatedBody,
)
from include.settings import LocalSite, SiteComponent
from tests.chaos.probes.servers import answering, trickling
from tests.object_gate.gates import gate_before
from tests.scale.servers import postgres_server, s3_server
from tests.waiting import await_

LIMIT = 1000


def get(port: int, path: str = "/", *, timeout: float = 30.0) -> HttpAnswer:
    place = Place(address=f"127.0.0.1:{port}")
    return HttpGetter(addresses=LocalAddresses()).get(place, path, scheme="http", timeout=timeout, limit=LIMIT)


def test_a_redirect_is_an_answer_and_not_an_order() -> None:
    """A probe looks where it was told to."""
    with answering({"/": (302, "")}) as port:
        assert get(port).status == 302


def test_a_body_over_the_limit_is_refused() -> None:
    """The journal keeps what was seen, so what is seen has a limit."""
    with answering({"/": (200, "x" * (LIMIT + 1))}) as port, pytest.raises(PlatformError, match="at most 1000 bytes"):
        get(port)


def test_a_server_that_trickles_is_cut_off() -> None:
    """A timeout for each piece would let it go on for ever."""
    with trickling() as port, pytest.raises(PlatformError, match="timed out"):
        get(port, timeout=0.1)


@pytest.fixture
def addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalAddresses:
    components = tuple(
        SiteComponent(name=name, component=component, port=port, node="node_1", hold_file=tmp_path / name, script=name)
        for name, component, port in [
            ("warehouse", "warehouse", 5001),
            ("spark_worker_1", "spark_worker", 5002),
            ("spark_worker_2", "spark_worker", 5003),
            ("airflow_scheduler", "airflow_scheduler", None),
        ]
    )
    site = LocalSite(lab_id="lab", home=tmp_path, supervisor_url="http://127.0.0.1:1", components=components)
    (tmp_path / "site.json").write_text(site.model_dump_json())
    monkeypatch.setenv("CHAOS_SITE_FILE", str(tmp_path / "site.json"))
    monkeypatch.setenv("CHAOS_SITE_SUPERVISOR_USER", "u")
    monkeypatch.setenv("CHAOS_SITE_SUPERVISOR_PASSWORD", "p")
    return LocalAddresses()


def test_a_component_is_found_at_its_port(addresses: LocalAddresses) -> None:
    """An experiment names components, and the site knows the ports."""
    assert addresses.resolve(Place(component=Component.WAREHOUSE)) == ("127.0.0.1", 5001)
    assert addresses.resolve(Place(component=Component.SPARK_WORKER, instance="spark_worker_2"))[1] == 5003


@pytest.mark.parametrize(
    "place",
    [
        Place(component=Component.SPARK_WORKER),
        Place(component=Component.SPARK_WORKER, instance="spark_worker_3"),
        Place(component=Component.AIRFLOW_SCHEDULER),
        Place(component=Component.OBJECT_STORE),
    ],
)
def test_what_is_not_one_server_is_refused(addresses: LocalAddresses, place: Place) -> None:
    """Looking at one of two would say nothing of the other."""
    with pytest.raises(PlatformError, match="expected one server"):
        addresses.resolve(place)


def run(*arguments: str, variables: tuple[str, ...] = (), timeout: float = 30.0) -> str:
    return ProgramRunner().run(arguments, variables=variables, timeout=timeout, limit=LIMIT).stdout


def test_a_program_gets_no_shell_and_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments stay what they are; of the agent's variables only those named are handed on."""
    monkeypatch.setenv("CHAOS_AGENT_TOKEN", "secret")
    monkeypatch.setenv("NAMED", "yes")
    assert run("printf", "%s", "$(id); `id` | tee") == "$(id); `id` | tee"
    printed = run("env", variables=("NAMED", "NOT_THERE"))
    assert "secret" not in printed
    assert "NAMED=yes" in printed


def test_a_program_that_is_late_is_killed_with_its_children(tmp_path: Path) -> None:
    """No look leaves a process behind."""
    pid_file = tmp_path / "pid"
    with pytest.raises(PlatformError, match="not finished"):
        run("sh", "-c", 'sleep 600 & echo $! > "$0"; wait', str(pid_file), timeout=1.5)
    pid = int(pid_file.read_text())
    await_(lambda: not _lives(pid), "the child to end")


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_program_that_prints_without_end_is_killed() -> None:
    """Output is read up to the limit, never into memory as a whole."""
    with pytest.raises(PlatformError, match="printed more than"):
        run("yes")


class OneProcess:
    """Finds one process, and counts how often it was asked to."""

    def __init__(self, pid: int) -> None:
        self.instance = TargetInstance(name="warehouse", component=Component.WAREHOUSE, pid=pid, started_at=0)
        self.asked = 0

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        self.asked += 1
        return (self.instance,)

    def is_running(self, instance: TargetInstance) -> bool:
        return True


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[bytes]]:
    code = "print(1, flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_the_meter_measures_a_process_and_asks_the_supervisor_once(busy: subprocess.Popen[bytes]) -> None:
    """A process that computes uses CPU and memory; while it lives, nobody is asked for it again."""
    finder = OneProcess(busy.pid)
    meter = ProcessMeter(lambda: finder)
    assert meter.count_running(Component.WAREHOUSE, ()) == 1
    assert meter.resident_bytes(Component.WAREHOUSE, ()) > 1_000_000
    while meter.cpu_percent(Component.WAREHOUSE, ()) <= 0:
        pass
    assert finder.asked == 1


def test_the_meter_says_that_a_process_has_ended(busy: subprocess.Popen[bytes]) -> None:
    """The last known figures are not figures of now."""
    meter = ProcessMeter(lambda: OneProcess(busy.pid))
    meter.count_running(Component.WAREHOUSE, ())
    busy.kill()
    busy.wait()
    with pytest.raises(PlatformError, match="just ended"):
        meter.count_running(Component.WAREHOUSE, ())


def test_a_benchmark_can_not_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking changes nothing, whatever the script says."""
    with postgres_server() as server:
        for name, value in server.settings("postgres").to_environment().items():
            monkeypatch.setenv(name, value)
        assert Pgbench().bench("SELECT 1;", transactions=3, writes=False, timeout=30).tps > 0
        with pytest.raises(PlatformError, match="read-only transaction"):
            Pgbench().bench("CREATE TABLE written ();", transactions=1, writes=False, timeout=30)


def test_a_benchmark_that_is_to_write_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it rolls back is gone."""
    script = "BEGIN;\nCREATE TABLE written ();\nROLLBACK;\n"
    with postgres_server() as server:
        for name, value in server.settings("postgres").to_environment().items():
            monkeypatch.setenv(name, value)
        assert Pgbench().bench(script, transactions=2, writes=True, timeout=30).latency > 0


def test_an_object_store_is_listed_and_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real server's objects are counted up to the limit, and measured; what is not there is said."""
    (tmp_path / "songs" / "a").mkdir(parents=True)
    for name in ("1", "2", "3"):
        (tmp_path / "songs" / "a" / name).write_bytes(b"midi")
    with s3_server(tmp_path) as settings:
        for name, value in settings.to_environment().items():
            monkeypatch.setenv(name, value)
        reader = S3Reader()
        assert [reader.count_objects("songs", prefix, 2, 30) for prefix in ("", "a/3", "b")] == [2, 1, 0]
        assert reader.object_size("songs", "a/1", 30) == 4
        with pytest.raises(PlatformError, match="songs/a/4: the object store answers 404"):
            reader.object_size("songs", "a/4", 30)
        with pytest.raises(PlatformError, match="NoSuchBucket"):
            reader.count_objects("none", "", 1, 30)


@pytest.mark.parametrize(
    ("lie", "intact"),
    [
        (CorruptObject(flips=1), 1),
        (TruncatedBody(keep=0.5), 1),
        (MissingObject(), 1),
        (ChangedObject(), 1),
        (StaleListing(), 1),
        (ErrorAnswer(status=503, code="SlowDown", message="m"), None),
    ],
)
def test_what_is_not_as_listed_is_not_intact(
    lie: Effect, intact: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the objects that are listed, those are counted whose content is there, and is what the listing says."""
    (tmp_path / "songs" / "a").mkdir(parents=True)
    (tmp_path / "songs" / "b").mkdir()
    (tmp_path / "songs" / "a" / "1").write_bytes(b"midi" * 100)
    (tmp_path / "songs" / "b" / "2").write_bytes(b"midi" * 100)
    with s3_server(tmp_path) as settings, gate_before(settings.endpoint) as gate:
        for name, value in (settings.to_environment() | {"SCALE_S3_ENDPOINT": gate.url}).items():
            monkeypatch.setenv(name, value)
        reader = S3Reader()
        assert [reader.count_intact("songs", "", limit, 30) for limit in (1, 10)] == [1, 2]
        gate.put("lie", Rule(bucket="songs", prefix="" if intact is None else "a/", effect=lie))
        if intact is None:
            with pytest.raises(PlatformError, match="SlowDown"):
                reader.count_intact("songs", "", 10, 30)
        else:
            assert reader.count_intact("songs", "", 10, 30) == intact
