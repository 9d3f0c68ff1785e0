"""An experiment run over fakes: threads are real, the world is steered, nothing waits on a fixed time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from include.chaos import events as e
from include.chaos.agent.run_status import OpenRequest
from include.chaos.agent.server import build_app
from include.chaos.layers import Layer
from include.chaos.model import LeaseState, StrikeOutcome, VerdictValue
from include.chaos.platforms.airflow import DagRunState
from include.errors import AgentError, ConfigurationError
from tests.chaos import journals
from tests.chaos.agent.world import RUN_ID, STRIKE, World, bodies, quick, struck, world_in
from tests.waiting import await_


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        yield made


def test_a_strike_waits_for_its_share_of_rows_then_strikes_and_undoes(world: World) -> None:
    """Nothing is touched below the share; at the share the fault is injected, held and undone."""
    run = world.open()
    run.measure_baseline()
    run.arm(STRIKE)
    run.begin_strike(STRIKE)
    world.warehouse.staged = (4, 10)
    assert world.platform.acts == []
    world.warehouse.staged = (5, 10)
    await_(lambda: run.status().strike_ended is not None)
    assert world.platform.acts == ["hold warehouse", "SIGKILL warehouse", "hold warehouse", "lift warehouse"]
    assert run.status().strike_ended == e.StrikeEnded(strike=STRIKE, outcome=StrikeOutcome.STRUCK)


def test_a_stage_too_short_is_missed_not_struck(world: World) -> None:
    """When all rows are staged at the first sight of them, the moment has passed."""
    run = world.open()
    run.measure_baseline()
    run.arm(STRIKE)
    world.warehouse.staged = (10, 10)
    run.begin_strike(STRIKE)
    await_(lambda: run.status().strike_ended is not None)
    ended = run.status().strike_ended
    assert ended is not None
    assert ended.outcome is StrikeOutcome.MISSED
    assert world.platform.acts == []


def test_rows_of_an_earlier_publication_do_not_count_as_the_stage_s(world: World) -> None:
    """However many rows are seen, a stage that does not run yet is not struck."""
    world.stage_is("queued")
    world.warehouse.staged = (9, 10)
    run = world.open()
    run.measure_baseline()
    run.arm(STRIKE)
    run.begin_strike(STRIKE)
    await_(lambda: len(bodies(run, e.StageObserved)) == 1)
    assert world.platform.acts == []
    world.stage_is("running")
    await_(lambda: run.status().strike_ended is not None)
    assert "SIGKILL warehouse" in world.platform.acts


def test_a_share_never_reached_is_missed_when_the_run_ends(world: World) -> None:
    """The strike gives up when the pipeline's run has ended without the share."""
    run = world.open()
    run.measure_baseline()
    run.arm(STRIKE)
    run.begin_strike(STRIKE)
    world.stage_is("failed")
    world.airflow.run = DagRunState(dag_run_id=f"chaos__{RUN_ID}", state="failed")
    await_(lambda: run.status().strike_ended is not None)
    ended = run.status().strike_ended
    assert ended is not None
    assert ended.outcome is StrikeOutcome.MISSED


def test_an_unhealthy_baseline_forbids_arming(world: World) -> None:
    """Nothing is broken on purpose where something is broken already."""
    world.warehouse.down = True
    run = world.open()
    assert run.measure_baseline().unhealthy == ("warehouse_answers", "instruments_readable")
    with pytest.raises(AgentError, match="healthy baseline"):
        run.arm(STRIKE)


def test_recover_in_the_middle_of_a_hold_ends_it(world: World) -> None:
    """A teardown that comes early undoes the fault at once, and the strike does not bring it back."""
    run = world.open(quick(hold_seconds=60))
    struck(world, run)
    await_(lambda: run.status().lease is LeaseState.INJECTED)
    assert run.recover(STRIKE)
    await_(lambda: run.status().strike_ended is not None)
    assert world.platform.held == set()
    assert len(bodies(run, e.Recovered)) == 1


def test_the_successor_of_a_dead_agent_undoes_and_goes_on(tmp_path: Path) -> None:
    """From the journal of an agent that died during the hold, the next one undoes, ends the strike and samples on."""
    with world_in(tmp_path) as world:
        run = world.open(quick(hold_seconds=60))
        struck(world, run)
        await_(lambda: run.status().lease is LeaseState.INJECTED)
        journal = tmp_path / "journals" / f"{RUN_ID}.jsonl"
        died_with = journal.read_bytes()
        run.stop()
    journal.write_bytes(died_with)
    with world_in(tmp_path) as world:
        world.platform.held, world.platform.running = {"warehouse"}, set()
        assert world.registry.take_over() == []
        assert world.platform.held == set()
        successor = world.registry.get(RUN_ID)
        ended = successor.status().strike_ended
        assert ended is not None
        assert ended.outcome is StrikeOutcome.BROKEN
        samples = len(bodies(successor, e.ProbeSampled))
        await_(lambda: len(bodies(successor, e.ProbeSampled)) > samples)


def test_what_a_dead_agent_left_is_undone_though_its_run_cannot_go_on(world: World) -> None:
    """A landing contract that is gone by now is no reason to leave a fault injected."""
    run = world.open(quick(hold_seconds=60))
    struck(world, run)
    await_(lambda: run.status().lease is LeaseState.INJECTED)
    opened, *others = run.entries_since(0)
    run.stop()
    assert isinstance(opened.body, e.RunOpened)
    gone = opened.model_copy(update={"body": opened.body.model_copy(update={"pipeline": "gone"})})
    journals.write(world.folder / "journals" / f"{RUN_ID}.jsonl", [gone, *others])
    world.platform.held, world.platform.running = {"warehouse"}, set()
    (problem,) = world.new_agent().take_over()
    assert "no landing contract 'gone'" in problem
    assert world.platform.held == set()


def test_an_agent_that_died_before_its_first_entry_leaves_no_run_behind(world: World) -> None:
    """An empty journal is no closed run: the same run is opened as if nothing had been."""
    (world.folder / "journals" / f"{RUN_ID}.jsonl").write_text('{"seq":1,"at')
    assert world.registry.take_over() == []
    assert isinstance(world.open().entries_since(0)[0].body, e.RunOpened)


def test_a_damaged_journal_is_left_as_it_is_and_said(world: World) -> None:
    """An agent does not guess what a damaged journal meant."""
    path = world.folder / "journals" / "broken.jsonl"
    path.write_text('{"seq":1}\n{"seq":2}\n')
    (problem,) = world.registry.take_over()
    assert "broken.jsonl" in problem


def test_the_twin_is_the_latest_undisturbed_run_with_the_same_parameters(world: World) -> None:
    """Runs that an experiment disturbed and runs with other parameters are no twins."""

    def finished(run_id: str, conf: dict[str, str | int | float | bool | None]) -> DagRunState:
        times = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-01T00:00:30Z"}
        return DagRunState.model_validate({"dag_run_id": run_id, "state": "success", "conf": conf, **times})

    world.airflow.earlier = [
        finished("chaos__other", {"prefix": "a"}),
        finished("manual__b", {"prefix": "b"}),
        finished("manual__a", {"prefix": "a"}),
    ]
    run = world.open()
    run.start_pipeline({"prefix": "a"})
    (twin,) = bodies(run, e.TwinFound)
    assert (twin.dag_run_id, twin.duration) == ("manual__a", 30.0)


def test_a_run_without_a_layer_is_asked_for_so_and_compared_with_one_that_had_it(world: World) -> None:
    """What was turned off is in the journal; a layer that no parameter turns off is refused before anything starts."""
    run = world.open()
    with pytest.raises(
        ConfigurationError, match="supervisor_restart cannot be turned off for a run; what can: spark_task"
    ):
        run.start_pipeline({}, [Layer.SUPERVISOR_RESTART])
    assert world.airflow.triggered == []
    run.start_pipeline({"prefix": "a"}, [Layer.AIRFLOW_RETRY])
    (started,) = bodies(run, e.PipelineStarted)
    assert (started.conf, started.ablated) == ({"prefix": "a", "task_retries": False}, (Layer.AIRFLOW_RETRY,))


def test_the_pipeline_is_started_once_however_often_asked(world: World) -> None:
    """A task that runs twice does not start two runs."""
    run = world.open()
    run.start_pipeline({})
    run.start_pipeline({})
    assert world.airflow.triggered == [f"chaos__{RUN_ID}"]


def test_airflow_falling_silent_is_recorded_once_each_way(world: World) -> None:
    """The journal says from when to when stages could not be seen."""
    run = world.open()
    world.airflow.silent = True
    await_(lambda: len(bodies(run, e.AirflowSilent)) == 1)
    world.airflow.silent = False
    await_(lambda: len(bodies(run, e.AirflowAnswers)) == 1)


def test_an_answer_that_makes_no_sense_does_not_end_the_watching(world: World) -> None:
    """A half-started Airflow may say anything; it counts as silence, and is asked again."""
    run = world.open()
    world.airflow.defect = KeyError("access_token")
    await_(lambda: len(bodies(run, e.AirflowSilent)) == 1)
    world.airflow.defect = None
    await_(lambda: len(bodies(run, e.AirflowAnswers)) == 1)


def test_close_ends_sampling_and_a_second_close_is_harmless(world: World) -> None:
    """A closed run records its verdict once, and nothing after it."""
    run = world.open()
    verdict = e.VerdictReached(verdict=VerdictValue.INCONCLUSIVE, reasons=("because",), judged_until=1)
    run.close(verdict)
    length = len(run.entries_since(0))
    run.close(verdict)
    assert len(run.entries_since(0)) == length
    assert isinstance(run.entries_since(0)[-1].body, e.RunClosed)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic dG9rZW4="}])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/health"),
        ("GET", f"/experiment_runs/{RUN_ID}"),
        ("GET", f"/experiment_runs/{RUN_ID}/journal"),
        ("POST", "/experiment_runs"),
        ("POST", f"/experiment_runs/{RUN_ID}/strikes/{STRIKE}/begin"),
    ],
)
def test_every_call_needs_the_token(world: World, headers: dict[str, str], method: str, path: str) -> None:
    """Without the token nothing is told and nothing is done."""
    world.open()
    client = TestClient(build_app(world.registry, SecretStr("token")))
    assert client.request(method, path, headers=headers).status_code == 401


def test_a_refusal_is_a_sentence_for_the_caller(world: World) -> None:
    """An unknown run is refused with words, not with a stack trace."""
    client = TestClient(build_app(world.registry, SecretStr("token")), headers={"Authorization": "Bearer token"})
    answer = client.get("/experiment_runs/nobody")
    assert answer.status_code == 409
    assert "no experiment run 'nobody'" in answer.json()["detail"]


@pytest.mark.parametrize("run_id", ["../../etc/passwd", "a/b", "", ".hidden"])
def test_a_run_id_cannot_leave_the_journals_folder(world: World, run_id: str) -> None:
    """Ids become file names, so they are checked."""
    request = OpenRequest(experiment_run_id=run_id, experiment_id="x", experiment=quick(), dag_run_id="chaos__x")
    with pytest.raises(AgentError, match="expected letters"):
        world.registry.open(request)
