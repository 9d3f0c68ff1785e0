"""Turn an experiment into the DAG that conducts it: steady state, arm, start, strike, recover, verify, judge.

`arm` is the setup and does nothing but take a lease; `recover` is its teardown. Everything behind it runs whatever
happened before, so that every experiment run ends with a verdict. No `dagrun_timeout`: it would skip the teardown.
"""

from collections.abc import Mapping
from datetime import timedelta

from airflow.sdk import DAG, Param, TriggerRule, chain, get_current_context, setup, task

from include.chaos.experiment import Experiment
from include.chaos.layers import Layer
from include.chaos.platforms.airflow import Parameters
from include.orchestration.names import experiment_dag_id, experiment_run_id

_RETRIES = {"retries": 2, "retry_delay": timedelta(seconds=3)}


def build_experiment_dag(experiment_id: str, experiment: Experiment) -> DAG:
    """Build the DAG `chaos__<experiment_id>`; it registers itself with the file that is being parsed."""
    with DAG(
        dag_id=experiment_dag_id(experiment_id),
        description=experiment.title,
        doc_md=_documentation(experiment),
        schedule=None,
        max_active_runs=1,
        tags=["chaos", *experiment.tags],
        default_args=_RETRIES,
        params={
            "pipeline_conf": Param(
                {},
                type="object",
                title="Parameters of the pipeline's run",
                description="As in the pipeline's own trigger form; what is left out keeps its default.",
            ),
            "ablate": Param(
                [],
                type="array",
                items={"type": "string", "enum": [str(layer) for layer in Layer]},
                title="Layers to do without",
                description="Of those that the pipeline's landing contract knows how to turn off for one run.",
            ),
        },
    ) as dag:
        _wire(experiment_id)
    return dag


def _wire(experiment_id: str) -> None:
    steady = measure_steady_state(experiment_id)
    lease = arm(experiment_id)
    undone = recover(experiment_id)
    verdict = judge_run(experiment_id)
    chain(
        steady,
        lease,
        start_pipeline(experiment_id),
        strike(experiment_id),
        undone.as_teardown(setups=lease, on_failure_fail_dagrun=True),
        await_landing(experiment_id),
        await_steady_state(experiment_id),
        verify_landing(experiment_id),
        verdict,
        publish_verdict(experiment_id, verdict),  # type: ignore[arg-type]  # Airflow hands the XCom's value over
    )


@task(execution_timeout=timedelta(minutes=5))
def measure_steady_state(experiment_id: str) -> None:
    """Open the experiment run and gate it on a healthy start."""
    from include.orchestration import experiment_tasks

    experiment_tasks.measure(_run_id(experiment_id), experiment_id)


@setup
@task(execution_timeout=timedelta(minutes=5))
def arm(experiment_id: str) -> list[str]:
    """Take a lease on every strike's targets; nothing else, so that its teardown is always owed."""
    from include.orchestration import experiment_tasks

    return experiment_tasks.arm_strikes(_run_id(experiment_id), experiment_id)


@task(execution_timeout=timedelta(minutes=5))
def start_pipeline(experiment_id: str) -> None:
    """Start the pipeline's run."""
    from include.orchestration import experiment_tasks

    ablate = get_current_context()["params"]["ablate"]
    experiment_tasks.start(_run_id(experiment_id), experiment_id, _pipeline_conf(), ablate)


@task(execution_timeout=timedelta(minutes=40))
def strike(experiment_id: str) -> None:
    """Wait while the agent carries all strikes out."""
    from include.orchestration import experiment_tasks

    experiment_tasks.carry_out_strikes(_run_id(experiment_id), experiment_id)


@task(retries=5, execution_timeout=timedelta(minutes=5))
def recover(experiment_id: str) -> None:
    """Have every strike undone, whatever became of it.

    Made a teardown where it is wired: Airflow 3.3.2's `@teardown` can be called for one DAG of a process only.
    """
    from include.orchestration import experiment_tasks

    experiment_tasks.undo(_run_id(experiment_id), experiment_id)


@task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=timedelta(minutes=40))
def await_landing(experiment_id: str) -> None:
    """Wait for the end of the pipeline's run."""
    from include.orchestration import experiment_tasks

    experiment_tasks.wait_for_landing(_run_id(experiment_id))


@task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=timedelta(minutes=10))
def await_steady_state(experiment_id: str) -> None:
    """Wait for the steady state to return."""
    from include.orchestration import experiment_tasks

    experiment_tasks.wait_for_steady_state(_run_id(experiment_id))


@task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=timedelta(minutes=40))
def verify_landing(experiment_id: str) -> None:
    """Account for every row."""
    from include.orchestration import experiment_tasks

    experiment_tasks.verify(_run_id(experiment_id), experiment_id, _pipeline_conf())


@task(task_id="judge", trigger_rule=TriggerRule.ALL_DONE, execution_timeout=timedelta(minutes=5))
def judge_run(experiment_id: str) -> dict[str, object]:
    """Compute the verdict from the journal."""
    from include.orchestration import experiment_tasks

    return experiment_tasks.reach_verdict(_run_id(experiment_id))


@task(execution_timeout=timedelta(minutes=5))
def publish_verdict(experiment_id: str, verdict: Mapping[str, object]) -> None:
    """Record the verdict; fail unless it is `passed`."""
    from include.orchestration import experiment_tasks

    experiment_tasks.publish(_run_id(experiment_id), verdict)


def _run_id(experiment_id: str) -> str:
    return experiment_run_id(experiment_id, get_current_context()["run_id"])


def _pipeline_conf() -> Parameters:
    return dict(get_current_context()["params"]["pipeline_conf"])


def _documentation(experiment: Experiment) -> str:
    probes = "\n".join(f"- `{probe.name}` ({probe.kind})" for probe in experiment.hypothesis.steady_state.probes)
    strikes = "\n".join(
        f"- `{s.fault.kind}` on `{s.target.component}` in stage `{s.strike_point.stage}`, held {s.hold_for}"
        for s in experiment.strikes
    )
    expected = f"\n**Expected verdict**: `{experiment.expected_verdict}`\n" if experiment.expected_verdict else ""
    return (
        f"# {experiment.title}\n\n{experiment.description}\n\n**Hypothesis**: {experiment.hypothesis.title}\n\n"
        f"**Steady state**\n\n{probes}\n\n**Strikes**\n\n{strikes}\n{expected}"
    )
