"""A wait is deferred, goes on in another triggerer, and falls back to polling when no triggerer lives."""

import asyncio
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from include.chaos import events as e
from include.chaos.agent.injector import LEASE_FOR
from include.chaos.agent.run_status import RunStatus
from include.chaos.model import LeaseState
from include.chaos.platforms.airflow import DagRunState
from include.errors import AgentError
from include.lab.airflow_settings import _TUNED
from include.orchestration import experiment_tasks, waiting
from include.orchestration.agent_trigger import AgentTrigger
from include.orchestration.agent_wait import ROUND, SLACK, AwaitAgent
from include.orchestration.awaited import Awaited
from include.orchestration.experiment_dag import RETRY_DELAY
from tests.chaos.agent.world import World, bodies, served_in
from tests.waiting import await_

DAG_RUN_ID = "manual"
RUN_ID = "null__manual"
STRIKE = "do_nothing"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An agent with an armed run of the null experiment, to which Airflow's connection leads."""
    with served_in(tmp_path, monkeypatch) as made:
        monkeypatch.setenv("AIRFLOW_CONN_CHAOS_AGENT", os.environ["CHAOS_AGENT_URL"].replace("://", "://:token@"))
        monkeypatch.setattr(waiting, "POLL_SECONDS", 0.05)
        experiment_tasks.measure(RUN_ID, "null", {f"{STRIKE}__hold_seconds": 0.1})
        experiment_tasks.arm_strikes(RUN_ID, "null")
        made.stage_is("queued")
        yield made


def _task(awaited: Awaited) -> AwaitAgent:
    return AwaitAgent(task_id="wait", experiment_id="null", awaited=awaited)


def _context(try_number: int = 1) -> Any:  # noqa: ANN401  # Airflow's context, of which the task reads this much
    return {"run_id": DAG_RUN_ID, "ti": SimpleNamespace(try_number=try_number)}


def _deferred(awaited: Awaited) -> TaskDeferred:
    with pytest.raises(TaskDeferred) as caught:
        _task(awaited).execute(_context())
    return caught.value


def _in_another_triggerer(trigger: AgentTrigger, **changed: object) -> AgentTrigger:
    """Make the trigger anew from what Airflow keeps of it."""
    path, arguments = trigger.serialize()
    module, name = path.rsplit(".", 1)
    made: AgentTrigger = getattr(import_module(module), name)(**{**arguments, **changed})
    return made


async def _fire(trigger: AgentTrigger) -> float:
    async for event in trigger.run():
        return float(event.payload)
    raise AssertionError("the trigger ended without an event")


def test_a_strike_is_begun_and_then_waited_for_in_the_triggerer(world: World) -> None:
    """The trigger fires when the agent has carried it out, and the task ends well."""
    deferred = _deferred(Awaited.STRIKES)
    assert deferred.method_name == "resume"
    assert deferred.timeout == ROUND + SLACK
    world.stage_is("running")
    payload = asyncio.run(_fire(_in_another_triggerer(deferred.trigger)))
    _task(Awaited.STRIKES).resume(_context(), payload)
    assert len(bodies(world.registry.get(RUN_ID), e.Injected)) == 1


def test_nothing_secret_is_kept_of_a_trigger(world: World) -> None:
    """Its arguments lie in Airflow's database and logs; the token is in the connection."""
    _, arguments = _deferred(Awaited.STRIKES).trigger.serialize()
    assert "token" not in str(arguments)
    assert set(arguments) == {"run_id", "awaited", "began", "until"}


def test_a_round_that_is_over_fires_and_the_task_defers_anew(world: World) -> None:
    """A sign of life: what comes later than that is taken for dead."""
    deferred = _deferred(Awaited.STRIKES)
    payload = asyncio.run(_fire(_in_another_triggerer(deferred.trigger, until=0.0)))
    with pytest.raises(TaskDeferred) as again:
        _task(Awaited.STRIKES).resume(_context(), payload)
    assert again.value.trigger.serialize()[1]["began"] == payload


def test_patience_is_counted_over_all_rounds(world: World) -> None:
    """A strike that never comes to its end fails the task, in the end."""
    long_ago = time.time() - Awaited.STRIKES.patience.total_seconds() - 1
    with pytest.raises(AirflowFailException, match="do_nothing never came to an end"):
        _task(Awaited.STRIKES).resume(_context(), long_ago)


def test_a_later_try_polls_and_needs_no_triggerer(world: World) -> None:
    """The first try failed, perhaps because its trigger gave no sign of life."""
    _deferred(Awaited.STRIKES)
    world.stage_is("running")
    _task(Awaited.STRIKES).execute(_context(try_number=2))
    assert len(bodies(world.registry.get(RUN_ID), e.Injected)) == 1


def test_a_dead_triggerer_is_noticed_while_the_lease_lives() -> None:
    """Round, slack, the scheduler's clock, the delay of the retry and its start together."""
    noticed = timedelta(seconds=float(_TUNED["scheduler", "trigger_timeout_check_interval"]))
    start_of_a_task = timedelta(seconds=15)
    assert ROUND + SLACK + noticed + RETRY_DELAY + start_of_a_task < LEASE_FOR


def test_the_trigger_keeps_unused_leases_alive(world: World) -> None:
    """As the polling task does."""
    renewed: list[str] = []
    run = world.registry.get(RUN_ID)
    renew = run.renew

    def note(strike: str) -> LeaseState | None:
        renewed.append(strike)
        return renew(strike)

    run.renew = note  # type: ignore[method-assign]  # to see that it is asked
    trigger = _in_another_triggerer(_deferred(Awaited.STRIKES).trigger, until=time.time() + 0.2)
    before = len(renewed)
    asyncio.run(_fire(trigger))
    assert before >= 1
    assert len(renewed) > before


def test_an_agent_that_is_silent_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be restarting; the round bounds the wait."""
    trigger = _deferred(Awaited.STRIKES).trigger
    monkeypatch.setenv("AIRFLOW_CONN_CHAOS_AGENT", "http://:token@127.0.0.1:9")
    short = _in_another_triggerer(trigger, until=time.time() + 0.2)
    assert asyncio.run(_fire(short)) == trigger.serialize()[1]["began"]


def test_a_refusal_is_left_for_the_task_to_hear(world: World) -> None:
    """A run that is not there will not come."""
    trigger = AgentTrigger(run_id="null__other", awaited="landing", began=1.0, until=time.time() + 60)
    assert asyncio.run(_fire(trigger)) == 1.0
    with pytest.raises(AgentError, match="no experiment run"):
        waiting.look("null__other")


def test_a_landing_is_waited_for_only_if_the_pipeline_was_started(world: World) -> None:
    """And a steady state only if an effect was seen."""
    _task(Awaited.LANDING).execute(_context())
    _task(Awaited.STEADY_STATE).execute(_context())
    experiment_tasks.start(RUN_ID, "null", {})
    world.airflow.run = DagRunState(dag_run_id=f"chaos__{RUN_ID}", state="running")
    deferred = _deferred(Awaited.LANDING)
    world.airflow.run = DagRunState(dag_run_id=f"chaos__{RUN_ID}", state="failed")
    await_(lambda: waiting.look(RUN_ID).dag_run_state == "failed")
    payload = asyncio.run(_fire(_in_another_triggerer(deferred.trigger)))
    _task(Awaited.LANDING).resume(_context(), payload)


@pytest.mark.parametrize(
    ("awaited", "told", "come"),
    [
        (Awaited.LANDING, {"pipeline_started": False}, True),
        (Awaited.LANDING, {"dag_run_state": "running"}, False),
        (Awaited.LANDING, {"dag_run_state": "success"}, True),
        (Awaited.STEADY_STATE, {"effect_seen": False}, True),
        (Awaited.STEADY_STATE, {"effect_seen": True}, False),
        (Awaited.STEADY_STATE, {"effect_seen": True, "steady_again": True}, True),
        (Awaited.STRIKES, {}, True),
    ],
)
def test_what_is_awaited_has_come_or_cannot_come(
    awaited: Awaited,
    told: dict[str, object],
    come: bool,  # noqa: FBT001  # a case
) -> None:
    """Nobody waits for what cannot come."""
    status = RunStatus.model_validate(
        {
            "experiment_run_id": RUN_ID,
            "experiment_id": "null",
            "closed": False,
            "strikes": (),
            "pipeline_started": True,
            "dag_run_state": None,
            "effect_seen": False,
            "steady_again": False,
            "watched_for": "1s",
            **told,
        }
    )
    assert awaited.has_come(status) is come
