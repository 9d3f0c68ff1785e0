"""The agent reads the manifest once, when it is frozen, and strikes under no oracle that is known to be wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from include.chaos.agent.manifest_witness import ManifestWitness
from include.chaos.events import BaselineRowsVerified, ManifestFrozen, StageObserved
from include.chaos.model import RelationAccount
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.airflow import TaskState
from include.errors import AgentError
from tests.chaos.agent.world import STRIKE, World, bodies, world_in
from tests.chaos.fakes import FakeWarehouse
from tests.waiting import await_


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        yield made


def _freeze(world: World) -> None:
    world.airflow.stages = [TaskState(task_id="freeze_manifest", state="success", try_number=1)]


def test_the_manifest_is_journalled_once_when_its_stage_has_succeeded(world: World) -> None:
    """An agent that takes the run over does not read it again, for it may be another one by now."""
    run = world.open()
    _freeze(world)
    await_(lambda: bool(bodies(run, ManifestFrozen)))
    world.registry.stop()
    world.warehouse.staged = (3, 10)
    world.new_agent().take_over()
    (adopted,) = world.registry.open_runs()
    assert [(told.stage, told.objects) for told in bodies(adopted, ManifestFrozen)] == [("freeze_manifest", 1)]


def test_a_warehouse_that_is_down_is_read_when_it_is_back() -> None:
    """It may be what was struck."""
    warehouse = FakeWarehouse(down=True)
    told: list[ManifestFrozen] = []
    contract = load_pipeline("scale")
    assert contract.manifest is not None

    class Succeeded:
        def stage(self, task_id: str) -> StageObserved:
            return StageObserved(stage=task_id, state="success", try_number=1)

    def open_reader() -> FakeWarehouse:
        asked.append(1)
        return warehouse

    asked: list[int] = []
    witness = ManifestWitness(
        manifest=contract.manifest,
        stage="freeze_manifest",
        dag_run_id="run",
        watch=Succeeded(),
        open_reader=open_reader,
        record=told.append,
    )
    witness.start()
    await_(lambda: bool(asked))
    assert told == []
    warehouse.down = False
    await_(lambda: bool(told))
    witness.stop()


def test_nothing_is_armed_under_an_oracle_that_contradicts_an_undisturbed_run(world: World) -> None:
    """Whatever it said later, nobody could believe it."""
    run = world.open()
    run.measure_baseline()
    account = RelationAccount(relation="pairs", expected=10, landed=9, lost=1)
    run.note(BaselineRowsVerified(dag_run_id="manual__1", relations=(account,)))
    with pytest.raises(AgentError, match="contradicts an undisturbed run"):
        run.arm(STRIKE)
