"""What the pipeline's run spawns is named after its place in Airflow, so that a fault knows where to act."""

from pathlib import Path

from include.chaos.agent.watcher import Watcher
from include.chaos.faults.duplicate_run import DuplicateRun
from include.chaos.model import Component, Target
from include.chaos.platforms.airflow import DagRunState, TaskState
from tests.chaos.agent.world import RUN_ID, quick, world_in
from tests.chaos.fakes import FakeAirflow
from tests.waiting import await_


def test_the_pipelines_run_is_an_instance_named_after_its_place(tmp_path: Path) -> None:
    """A fault on `pipeline_run` finds the DAG and the run in it."""
    experiment = quick()
    target = Target(component=Component.PIPELINE_RUN)
    strike = experiment.strikes[0].model_copy(update={"fault": DuplicateRun(), "target": target})
    with world_in(tmp_path) as world:
        sight = world.open(experiment)._sight
        [instance] = sight.eyes(strike).spawned(None)  # type: ignore[arg-type]  # the strike point is not looked at
    assert instance.name == f"scale_pipeline/chaos__{RUN_ID}"


def test_the_tasks_that_run_are_known_by_their_places() -> None:
    """With the process that Airflow names; what has ended, or has none yet, is not among them."""
    tasks = [
        TaskState(task_id="extract", state="running", try_number=1, pid=7),
        TaskState(task_id="freeze", state="success", try_number=1, pid=6),
        TaskState(task_id="score", state="running", try_number=1),
    ]
    airflow = FakeAirflow(run=DagRunState(dag_run_id="run", state="running"), stages=tasks)
    watcher = Watcher(airflow=airflow, dag_id="songs", dag_run_id="run", record=lambda _event: None)
    watcher.start()
    try:
        await_(lambda: watcher.stage("score") is not None, "the watcher to have looked")
        assert watcher.running_tasks() == {"songs/run/extract": 7}
    finally:
        watcher.stop()
