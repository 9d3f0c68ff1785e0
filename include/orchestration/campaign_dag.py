"""The DAG of a campaign: plan its cells, conduct each through its experiment's own DAG, score what they found.

One cell at a time over all pipelines, and over all campaigns: a fault on what the pipelines share, such as Airflow or a
disk, would reach into another cell. Airflow counts a deferred task as active for `max_active_tis_per_dag`, which it
does not do for a pool by default; and the agent refuses a second experiment on one pipeline whoever starts it.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, TriggerRule, get_current_context, task

from include.orchestration.campaign_form import build_campaign_params
from include.orchestration.cell_operator import ConductCell

_RETRIES = {"retries": 3, "retry_delay": timedelta(seconds=5)}


def build_campaign_dag(doc_md: str) -> DAG:
    """Build `chaos_campaign`; it registers itself with the file that is being parsed."""
    with DAG(
        dag_id="chaos_campaign",
        description="Run many experiments, one after another, to one scorecard.",
        doc_md=doc_md,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        tags=["chaos"],
        default_args=_RETRIES,
    ) as dag:
        cells = plan_cells()
        conducted = ConductCell.partial(
            task_id="conduct_cell",
            max_active_tis_per_dag=1,
            map_index_template="{{ task.case }}",
            retries=20,  # an experiment may strike what this task runs on; each try finds the run again
            execution_timeout=timedelta(hours=6),
        ).expand_kwargs(cells)
        conducted >> publish_scorecard()
    dag.params.update(build_campaign_params())  # now, or every task would have a copy of its own
    return dag


@task(execution_timeout=timedelta(minutes=5))
def plan_cells() -> list[dict[str, Any]]:
    """Read the form or the campaign's file, and have the plan kept."""
    from include.orchestration import campaign_tasks

    context = get_current_context()
    campaign, cells = campaign_tasks.plan(context["run_id"], context["params"])
    context["ti"].xcom_push(key="campaign_id", value=campaign)
    return cells


@task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=timedelta(minutes=15))
def publish_scorecard() -> None:
    """Score the campaign and have the result kept; fail unless every cell has passed."""
    from include.orchestration import campaign_tasks

    campaign = get_current_context()["ti"].xcom_pull(task_ids="plan_cells", key="campaign_id")
    campaign_tasks.tell(campaign_tasks.score(campaign))
