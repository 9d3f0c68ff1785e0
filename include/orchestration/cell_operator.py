"""The task that conducts one cell of a campaign: it starts the experiment's DAG, or finds its run again, and waits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Context

from include.orchestration.names import experiment_dag_id, experiment_run_id

POLL = timedelta(seconds=5)

_ACTIVE = ["queued", "running"]
_ENDED = ["success", "failed"]


class ConductCell(TriggerDagRunOperator):
    """Have a cell's experiment run once, whatever interrupts the campaign; any end of it is an end of this task.

    What has a verdict is left alone, what still runs is waited for, and what ended without a verdict goes on from its
    first task. Waiting is deferred.
    """

    def __init__(
        self,
        *,
        experiment_id: str,
        trigger_run_id: str,
        conf: Mapping[str, Any],
        case: str,
        **operator: Any,  # noqa: ANN401  # Airflow's own arguments, handed on
    ) -> None:
        """Take one cell as `campaign_tasks.plan` gives it."""
        super().__init__(
            trigger_dag_id=experiment_dag_id(experiment_id),
            trigger_run_id=trigger_run_id,
            conf=dict(conf),
            logical_date=None,
            reset_dag_run=True,
            wait_for_completion=True,
            deferrable=True,
            poke_interval=int(POLL.total_seconds()),
            allowed_states=_ENDED,
            failed_states=[],
            fail_when_dag_is_paused=True,
            **operator,
        )
        self.experiment_id = experiment_id
        self.case = case

    def execute(self, context: Context) -> None:
        """Begin the cell's run unless it has begun; unless it has ended, wait for its end."""
        from include.orchestration import campaign_tasks

        run_id = str(self.trigger_run_id)
        if context["ti"].get_dr_count(self.trigger_dag_id, run_ids=[run_id], states=_ACTIVE):
            self.log.info("%s still runs; it is waited for", run_id)
            self._wait(run_id)
        elif campaign_tasks.has_verdict(experiment_run_id(self.experiment_id, run_id)):
            self.log.info("%s has its verdict already, and is not run again", run_id)
        else:
            super().execute(context)

    def _wait(self, run_id: str) -> None:
        from airflow.providers.standard.triggers.external_task import DagStateTrigger

        trigger = DagStateTrigger(
            dag_id=self.trigger_dag_id,
            states=self.allowed_states,
            run_ids=[run_id],
            poll_interval=POLL.total_seconds(),
        )
        self.defer(trigger=trigger, method_name="execute_complete")
