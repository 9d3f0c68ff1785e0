"""Turn an experiment into the DAG that conducts it: plan, steady state, arm, start, strike, recover, verify, judge.

`plan_strikes` refuses a wrong form; behind it a dry run skips everything, so that it ends without a verdict, and an
experiment that needs approval waits for it: before anything was opened, so that nothing is held meanwhile. `arm` is the
setup and does nothing but take a lease; `recover` is its teardown. Everything behind it runs whatever happened
before, so that every experiment run ends with a verdict. No `dagrun_timeout`: it would skip the teardown.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import DAG, BaseOperator, Context, TriggerRule, chain, get_current_context, setup, task

from include.chaos.experiment import Experiment, Owner
from include.chaos.pipeline import Pipeline
from include.chaos.platforms.airflow import Parameters
from include.orchestration.agent_wait import AwaitAgent
from include.orchestration.awaited import Awaited
from include.orchestration.experiment_docs import documentation
from include.orchestration.names import experiment_dag_id, experiment_run_id
from include.orchestration.trigger_form import ABLATE, PIPELINE_CONF, build_params
from include.orchestration.windows import Window

if TYPE_CHECKING:
    from include.orchestration.window_timetable import WindowTimetable

RETRY_DELAY = timedelta(seconds=3)

_RETRIES = {"retries": 2, "retry_delay": RETRY_DELAY}


def build_experiment_dag(
    experiment_id: str, experiment: Experiment, pipeline: Pipeline, window: Window | None = None
) -> DAG:
    """Build the DAG `chaos__<experiment_id>`; it registers itself with the file that is being parsed.

    It is scheduled only if its pipeline's window names the experiment.
    """
    with DAG(
        dag_id=experiment_dag_id(experiment_id),
        description=experiment.title,
        doc_md=documentation(experiment),
        schedule=_schedule(experiment_id, window),
        catchup=False,
        max_active_runs=1,
        tags=["chaos", *experiment.tags],
        default_args={**_RETRIES, "owner": experiment.owner.name} if experiment.owner else _RETRIES,
        owner_links=_owner_links(experiment.owner),
    ) as dag:
        _wire(experiment_id, experiment)
    dag.params.update(build_params(experiment, pipeline))  # now, or every task would have a copy of its own
    return dag


def _schedule(experiment_id: str, window: Window | None) -> "WindowTimetable | None":
    if window is None or experiment_id not in window.experiments:
        return None
    from include.orchestration.window_timetable import WindowTimetable

    return WindowTimetable(window, experiment_id)


def _owner_links(owner: Owner | None) -> dict[str, str]:
    return {owner.name: owner.link} if owner and owner.link else {}


def _wire(experiment_id: str, experiment: Experiment) -> None:
    planned = plan_strikes(experiment_id)
    approved = _await_approval(experiment_id, experiment)
    steady = measure_steady_state(experiment_id)
    lease = arm(experiment_id)
    undone = recover(experiment_id)
    verdict = judge_run(experiment_id)
    chain(
        planned,
        *approved,
        steady,
        lease,
        start_pipeline(experiment_id),
        _wait("strike", experiment_id, Awaited.STRIKES),
        undone.as_teardown(setups=lease, on_failure_fail_dagrun=True),
        _wait("await_landing", experiment_id, Awaited.LANDING, TriggerRule.ALL_DONE),
        _wait("await_steady_state", experiment_id, Awaited.STEADY_STATE, TriggerRule.ALL_DONE),
        verify_landing(experiment_id),
        verdict,
        publish_verdict(experiment_id, verdict),  # type: ignore[arg-type]  # Airflow hands the XCom's value over
    )


def _await_approval(experiment_id: str, experiment: Experiment) -> list[BaseOperator]:
    """Wait for a person, where the experiment asks for one."""
    if experiment.approval is None:
        return []
    from include.orchestration.approval import AwaitApproval

    return [AwaitApproval(task_id="await_approval", experiment_id=experiment_id, experiment=experiment)]


def _wait(
    task_id: str, experiment_id: str, awaited: Awaited, rule: TriggerRule = TriggerRule.ALL_SUCCESS
) -> AwaitAgent:
    """Wait, with a bound beyond the wait's own patience, which ends it in words."""
    bound = awaited.patience + timedelta(minutes=10)
    return AwaitAgent(
        task_id=task_id, experiment_id=experiment_id, awaited=awaited, trigger_rule=rule, execution_timeout=bound
    )


@task.short_circuit(execution_timeout=timedelta(minutes=5))
def plan_strikes(experiment_id: str) -> bool:
    """Check the form, and log what will be struck; a dry run ends here."""
    from include.orchestration import experiment_tasks

    context = get_current_context()
    if not experiment_tasks.may_begin(experiment_id, _scheduled_for(context)):
        return False
    return experiment_tasks.plan(experiment_id, context["params"])


@task(execution_timeout=timedelta(minutes=5))
def measure_steady_state(experiment_id: str) -> None:
    """Open the experiment run and gate it on a healthy start."""
    from include.orchestration import experiment_tasks

    experiment_tasks.measure(_run_id(experiment_id), experiment_id, get_current_context()["params"])


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

    ablate = get_current_context()["params"].get(ABLATE, ())
    experiment_tasks.start(_run_id(experiment_id), experiment_id, _pipeline_conf(), ablate)


@task(retries=5, execution_timeout=timedelta(minutes=5))
def recover(experiment_id: str) -> None:
    """Have every strike undone, whatever became of it.

    Made a teardown where it is wired: Airflow 3.3.2's `@teardown` can be called for one DAG of a process only.
    """
    from include.orchestration import experiment_tasks

    experiment_tasks.undo(_run_id(experiment_id), experiment_id)


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


def _scheduled_for(context: Context) -> datetime | None:
    """Give the moment that Airflow's scheduler kept, or should have; None when a person started the run."""
    run = context["dag_run"]
    return run.logical_date if run.run_type == "scheduled" else None


def _run_id(experiment_id: str) -> str:
    return experiment_run_id(experiment_id, get_current_context()["run_id"])


def _pipeline_conf() -> Parameters:
    return dict(get_current_context()["params"][PIPELINE_CONF])
