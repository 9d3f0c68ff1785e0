"""The task that waits for a person: the request says what would be struck, and no answer is a refusal."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException

from include.chaos.experiment import Experiment
from include.chaos.model import format_duration

APPROVE_WITHIN = timedelta(hours=1)
"""How long a person is waited for where the experiment does not say it."""


class AwaitApproval(ApprovalOperator):
    """Go on only when a person says so; a refusal and a silence fail the run, red, with nothing struck.

    Waiting takes no worker's place and no triggerer's. The experiment run is not open yet, so another one may run.
    """

    def __init__(self, *, experiment_id: str, experiment: Experiment, **operator: Any) -> None:  # noqa: ANN401  # Airflow's own arguments, handed on
        """Ask about one experiment."""
        super().__init__(
            subject=f"Strike {experiment.pipeline}? {experiment.title}",
            response_timeout=experiment.approve_within or APPROVE_WITHIN,
            execution_timeout=timedelta(minutes=5),  # of asking; the waiting has its own
            **operator,
        )
        self._experiment_id = experiment_id

    def execute(self, context: Context) -> Any:  # noqa: ANN401  # Airflow's
        """Ask, with the plan of this run as its form says."""
        from include.orchestration import experiment_tasks

        self.body = experiment_tasks.describe_plan(self._experiment_id, context["params"])
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:  # noqa: ANN401  # Airflow's
        """Hear the answer."""
        answer = super().execute_complete(context, event)
        if self.hitl_summary_extra["approved"]:
            return answer
        user = (event.get("responded_by_user") or {}).get("name") or "somebody"
        raise AirflowFailException(f"{user} rejected it; nothing was struck, and there is no verdict")

    def process_trigger_event_error(self, event: Mapping[str, Any]) -> None:
        """End the run when nobody has answered in time."""
        if event["error_type"] == "timeout":
            waited = format_duration(self.response_timeout or APPROVE_WITHIN)
            raise AirflowFailException(
                f"nobody approved it within {waited}; nothing was struck, and there is no verdict"
            )
        raise AirflowFailException(f"the approval went wrong, nothing was struck: {event['error']}")
