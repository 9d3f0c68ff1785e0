"""What acts on Airflow waits for what it has asked for, and overrules nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from include.chaos.events import InjectionPrepared
from include.chaos.faults.pool_exhaustion import PoolExhaustion
from include.chaos.model import Component, Target, TargetInstance
from include.chaos.platforms.airflow import AirflowClient
from include.chaos.platforms.airflow_control import AirflowControl
from include.errors import PlatformError
from include.settings import AirflowSettings
from tests.chaos.faults.airflow_cases import control_of
from tests.chaos.faults.airflow_server import DAG, POOL, RUN, airflow_server

PIPELINE_RUN = TargetInstance(name=f"{DAG}/{RUN}", component=Component.PIPELINE_RUN)


def prepared(fault: PoolExhaustion, pool: TargetInstance, control: AirflowControl) -> InjectionPrepared:
    return InjectionPrepared(
        injection_id="i",
        lease_id="l",
        strike="s",
        instance=pool,
        hold_for=timedelta(seconds=5),
        hold_until=datetime.now(UTC),
        saved=fault.prepare(pool, control),
    )


def test_a_run_is_deleted_only_when_its_processes_have_ended() -> None:
    """Marked failed, a task writes on until its supervisor hears of it."""
    asked: list[int] = []

    def lives(pid: int) -> bool:
        asked.append(pid)
        assert RUN in server.runs
        return len(asked) < 3

    with airflow_server() as server:
        server.task.update(pid=7)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        client = AirflowClient(AirflowSettings(url=url, user="admin", password=SecretStr("secret")))
        AirflowControl(client, lives=lives).remove(PIPELINE_RUN, RUN)
        client.close()
        assert RUN not in server.runs
    assert asked == [7, 7, 7]


def test_a_pool_that_somebody_else_has_resized_is_left_to_them() -> None:
    """An undo takes back its own act only."""
    with airflow_server() as server, control_of(server) as control:
        [pool] = control.find_pools(Target(component=Component.AIRFLOW_POOL, instances=(POOL,)))
        fault = PoolExhaustion()
        injection = prepared(fault, pool, control)
        fault.inject(injection, control)
        server.pools[POOL] = 4
        fault.recover(injection, control)
        assert server.pools == {POOL: 4}


def test_a_pool_without_slots_cannot_be_exhausted() -> None:
    """Nothing would change, and an undo would have nothing to give back."""
    with airflow_server() as server, control_of(server) as control:
        server.pools[POOL] = 0
        [pool] = control.find_pools(Target(component=Component.AIRFLOW_POOL))
        injection = prepared(PoolExhaustion(), pool, control)
        with pytest.raises(PlatformError, match="no slots"):
            PoolExhaustion().inject(injection, control)


def test_an_unknown_pool_is_named_with_those_there_are() -> None:
    """A misspelt target strikes nothing."""
    with airflow_server() as server, control_of(server) as control:
        with pytest.raises(PlatformError, match=f"there are: {POOL}"):
            control.find_pools(Target(component=Component.AIRFLOW_POOL, instances=("spork",)))
        with pytest.raises(PlatformError, match="not a place in Airflow"):
            control.running_try(TargetInstance(name="warehouse", component=Component.AIRFLOW_TASK))


def test_the_agent_s_own_acts_are_no_intervention() -> None:
    """Cleared by its own user, a task was struck; cleared by another one, it was brought on."""
    at = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
    with airflow_server() as server:
        server.event_logs = [
            {"when": at.isoformat(), "event": "post_clear_task_instances", "owner": owner}
            for owner in ("chaos_agent", "admin")
        ]
        url = f"http://127.0.0.1:{server.server_port}"
        client = AirflowClient(AirflowSettings(url=url, user="chaos_agent", password=SecretStr("p")))
        assert client.interventions(DAG, at) == [(at, "post_clear_task_instances")]
        client.close()
