"""One world for each probe kind, in four states; `CASES` is what the contract suite runs over."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from enum import StrEnum

import psutil
import pytest
from pydantic import SecretStr, TypeAdapter

from include.chaos.agent.looks import JudgedLook, look_of
from include.chaos.agent.pipeline_run import PipelineRun
from include.chaos.model import Component, Target, TargetInstance
from include.chaos.platforms.addresses import LocalAddresses
from include.chaos.platforms.airflow import AirflowClient
from include.chaos.platforms.airflow_health import AirflowHealth
from include.chaos.platforms.commands import ProgramRunner
from include.chaos.platforms.http import HttpGetter
from include.chaos.platforms.pgbench import Pgbench
from include.chaos.platforms.postgres import PostgresReader
from include.chaos.platforms.process_meter import ProcessMeter
from include.chaos.platforms.s3 import S3Reader
from include.chaos.platforms.spark_jobs import SparkJobs
from include.chaos.platforms.tcp import TcpConnector
from include.chaos.probes.catalogue import Probe
from include.chaos.probes.spark import SparkPart
from include.chaos.site_readers import SiteReaders
from include.errors import PlatformError
from include.settings import AirflowSettings, ObjectStoreSettings, WarehouseSettings
from tests.chaos.fakes import FakeClock, FakeWarehouse, FakeWatch
from tests.chaos.probes.servers import Answers, answering, closed_port, hanging, not_accepting
from tests.chaos.probes.spark_processes import spark_cluster
from tests.scale.servers import postgres_server

TIMEOUT = "1s"

_PROBE: TypeAdapter[Probe] = TypeAdapter(Probe)


class State(StrEnum):
    """How the thing is that the probe looks at."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNREACHABLE = "unreachable"
    HANGING = "hanging"


Environment = pytest.MonkeyPatch
Looking = AbstractContextManager[tuple[Probe, JudgedLook]]
Case = Callable[[State, Environment], Looking]


class Platform:
    """Finds one real process, unless nobody can."""

    def __init__(self, instance: TargetInstance | None, *, held: bool = False) -> None:
        self.instance = instance
        self.held = held

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        if self.instance is None:
            raise PlatformError("the supervisor does not answer")
        return (self.instance,)

    def is_running(self, instance: TargetInstance) -> bool:
        return not self.held


def probe_of(kind: str, **fields: object) -> Probe:
    return _PROBE.validate_python({"name": "it", "kind": kind, "timeout": TIMEOUT, **fields})


def looking(
    probe: Probe,
    *,
    warehouse: FakeWarehouse | PostgresReader | None = None,
    platform: Platform | None = None,
    airflow: AirflowClient | None = None,
    spark: SparkJobs | None = None,
) -> JudgedLook:
    """Wire a probe as the agent does, with the real readers but for what is given."""
    addresses = LocalAddresses()
    site = SiteReaders(
        connector=TcpConnector(addresses=addresses),
        http=HttpGetter(addresses=addresses),
        objects=S3Reader(),
        processes=ProcessMeter(lambda: platform or Platform(None)),
        airflow=AirflowHealth(),
        bencher=Pgbench(),
        commands=ProgramRunner(),
        spark=spark or SparkJobs(),
    )
    run = PipelineRun(
        airflow=airflow or airflow_at(0),
        watch=FakeWatch(),
        clock=FakeClock(),
        dag_id="scale_pipeline",
        dag_run_id="run",
    )
    return look_of(probe, open_warehouse=lambda: warehouse or FakeWarehouse(), site=site, run=run)


def airflow_at(port: int) -> AirflowClient:
    return AirflowClient(AirflowSettings(url=f"http://127.0.0.1:{port}", user="u", password=SecretStr("p")))


@contextmanager
def server(state: State, *, healthy: Answers, unhealthy: Answers) -> Iterator[int]:
    """Run what the state asks for; give the port."""
    if state is State.HANGING:
        with hanging() as port:
            yield port
    elif state is State.UNREACHABLE:
        yield closed_port()
    else:
        with answering(healthy if state is State.HEALTHY else unhealthy) as port:
            yield port


@contextmanager
def _warehouse(state: State) -> Iterator[FakeWarehouse | PostgresReader]:
    if state in (State.HEALTHY, State.UNHEALTHY):
        yield FakeWarehouse()
        return
    with server(state, healthy={}, unhealthy={}) as port:
        yield PostgresReader(_warehouse_at(port), application_name="test")


@contextmanager
def _sql(state: State, _environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    wanted = 2 if state is State.UNHEALTHY else 1
    probe = probe_of("sql", query="SELECT 1", tolerance={"equals": wanted})
    with _warehouse(state) as warehouse:
        yield probe, looking(probe, warehouse=warehouse)


@contextmanager
def _rows_landed(state: State, _environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    wanted = 6 if state is State.UNHEALTHY else 5
    probe = probe_of("rows_landed", relation="filename_instrument", tolerance={"at_least": wanted})
    with _warehouse(state) as warehouse:
        yield probe, looking(probe, warehouse=warehouse)


@contextmanager
def _tcp(state: State, _environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    most = 0 if state is State.UNHEALTHY else 60
    worlds = {State.HANGING: not_accepting(), State.UNREACHABLE: server(state, healthy={}, unhealthy={})}
    with worlds.get(state) or hanging() as port:  # a connection is all that `tcp` asks for
        probe = probe_of("tcp", address=f"127.0.0.1:{port}", tolerance={"at_most": most})
        yield probe, looking(probe)


@contextmanager
def _http(state: State, _environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    with server(state, healthy={"/health": (200, "fine")}, unhealthy={"/health": (503, "")}) as port:
        probe = probe_of("http", address=f"127.0.0.1:{port}", path="/health", tolerance={"equals": 200})
        yield probe, looking(probe)


@contextmanager
def _prometheus(state: State, _environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    def answer(value: int) -> Answers:
        vector = f'{{"resultType": "vector", "result": [{{"metric": {{}}, "value": [1.5, "{value}"]}}]}}'
        return {"/api/v1/query": (200, f'{{"status": "success", "data": {vector}}}')}

    with server(state, healthy=answer(1), unhealthy=answer(0)) as port:
        probe = probe_of("prometheus", address=f"127.0.0.1:{port}", query="sum(up)", tolerance={"at_least": 1})
        yield probe, looking(probe)


@contextmanager
def _airflow(state: State, environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    def answer(status: str) -> Answers:
        parts = f'{{"scheduler": {{"status": "{status}", "latest_scheduler_heartbeat": "2026"}}, "triggerer": null}}'
        return {"/api/v2/monitor/health": (200, parts)}

    with server(state, healthy=answer("healthy"), unhealthy=answer("unhealthy")) as port:
        _set(environment, AirflowSettings(url=f"http://127.0.0.1:{port}", user="u", password=SecretStr("p")))
        probe = probe_of("airflow", component="scheduler", tolerance={"equals": "healthy"})
        yield probe, looking(probe)


@contextmanager
def _dag_run(state: State, _environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    def answer(run_state: str) -> Answers:
        path = "/api/v2/dags/scale_pipeline/dagRuns/run"
        return {path: (200, f'{{"dag_run_id": "run", "state": "{run_state}"}}')}

    with server(state, healthy=answer("running"), unhealthy=answer("failed")) as port:
        probe = probe_of("dag_run", tolerance={"regex": "^(absent|queued|running|success)$"})
        yield probe, looking(probe, airflow=airflow_at(port))


@contextmanager
def _airflow_dag(state: State, _environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    def answer(*runs: str) -> Answers:
        listed = ", ".join(f'{{"dag_run_id": "{run}", "state": "running"}}' for run in runs)
        return {"/api/v2/dags/scale_pipeline/dagRuns": (200, f'{{"dag_runs": [{listed}]}}')}

    with server(state, healthy=answer("run"), unhealthy=answer("run", "another")) as port:
        probe = probe_of("airflow_dag", read="active_runs", tolerance={"at_most": 1})
        yield probe, looking(probe, airflow=airflow_at(port))


@contextmanager
def _spark(state: State, environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    probe = probe_of("spark", part="executors", tolerance={"equals": 0})
    if state is State.UNREACHABLE:
        environment.delenv("CHAOS_SITE_FILE", raising=False)
        yield probe, looking(probe)
        return
    with ExitStack() as stack:
        driver = stack.enter_context(not_accepting() if state is State.HANGING else hanging())
        cluster = stack.enter_context(spark_cluster(driver, environment))
        cluster.start_executor()
        if state is not State.HANGING:
            cluster.jobs.lost(SparkPart.EXECUTORS, 1)
        if state is State.UNHEALTHY:
            cluster.kill_executor()
            cluster.jobs.lost(SparkPart.EXECUTORS, 1)
            cluster.clock.advance(1.5)
        yield probe, looking(probe, spark=cluster.jobs)


@contextmanager
def _s3(state: State, environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    def answer(count: int) -> Answers:
        listed = f"<ListBucketResult><Name>songs</Name>{'<Contents><Key>a</Key></Contents>' * count}</ListBucketResult>"
        return {"/songs": (200, listed)}

    with server(state, healthy=answer(1), unhealthy=answer(0)) as port:
        url = f"http://127.0.0.1:{port}"
        _set(environment, ObjectStoreSettings(endpoint=url, access_key_id="a", secret_access_key=SecretStr("s")))
        probe = probe_of("s3", bucket="songs", tolerance={"at_least": 1})
        yield probe, looking(probe)


@contextmanager
def _process(state: State, _environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    probe = probe_of("process", component="warehouse", tolerance={"equals": 1})
    if state is State.UNREACHABLE:
        yield probe, looking(probe, platform=Platform(None))
        return
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        started_at = psutil.Process(process.pid).create_time()
        instance = TargetInstance(
            name="warehouse", component=Component.WAREHOUSE, pid=process.pid, started_at=started_at
        )
        platform = Platform(instance, held=state is not State.HEALTHY)
        yield probe, looking(probe, platform=platform)
        process.kill()


@contextmanager
def _pgbench(state: State, environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    least = 1e12 if state is State.UNHEALTHY else 1
    probe = probe_of("pgbench", timeout="30s", read="tps", tolerance={"at_least": least})
    if state is State.HANGING:
        probe = probe_of("pgbench", tolerance={"at_least": 1})
    with ExitStack() as stack:
        if state in (State.HEALTHY, State.UNHEALTHY):
            settings = stack.enter_context(postgres_server()).settings("postgres")
        else:
            port = stack.enter_context(server(state, healthy={}, unhealthy={}))
            settings = _warehouse_at(port)
        _set(environment, settings)
        yield probe, looking(probe)


@contextmanager
def _command(state: State, _environment: Environment) -> Iterator[tuple[Probe, JudgedLook]]:
    programs = {
        State.HEALTHY: ["true"],
        State.UNHEALTHY: ["false"],
        State.UNREACHABLE: ["/no/such/program"],
        State.HANGING: ["sleep", "60"],
    }
    probe = probe_of("command", command=programs[state], tolerance={"equals": 0})
    yield probe, looking(probe)


def _warehouse_at(port: int) -> WarehouseSettings:
    return WarehouseSettings(host="127.0.0.1", port=port, dbname="d", user="u", password=SecretStr("p"))


def _set(environment: Environment, settings: AirflowSettings | ObjectStoreSettings | WarehouseSettings) -> None:
    for name, value in settings.to_environment().items():
        environment.setenv(name, value)


CASES: dict[str, Case] = {
    "sql": _sql,
    "rows_landed": _rows_landed,
    "tcp": _tcp,
    "http": _http,
    "s3": _s3,
    "process": _process,
    "airflow": _airflow,
    "dag_run": _dag_run,
    "airflow_dag": _airflow_dag,
    "spark": _spark,
    "pgbench": _pgbench,
    "prometheus": _prometheus,
    "command": _command,
}
