"""The task that waits for the agent: deferred in its first try, polling in every later one."""

import time
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context

from include.orchestration.awaited import Awaited
from include.orchestration.console_links import ExperimentRunLink
from include.orchestration.names import experiment_run_id

ROUND = timedelta(seconds=60)
"""After this a trigger fires, come what may, and the task defers anew: a sign of life."""

SLACK = timedelta(seconds=15)
"""A trigger that gives no sign of life that much later is taken for dead, by the scheduler: the try fails.

The next try polls. Both together, the scheduler's clock and the retry must be less than a lease lives unrenewed.
"""


class AwaitAgent(BaseOperator):
    """Wait until the agent has brought something about, or patience ends."""

    operator_extra_links = (ExperimentRunLink(),)

    def __init__(self, *, experiment_id: str, awaited: Awaited, **operator: Any) -> None:  # noqa: ANN401  # Airflow's own arguments, handed on
        """Wait for one end of one experiment's runs."""
        super().__init__(**operator)
        self._experiment_id = experiment_id
        self._awaited = awaited

    def execute(self, context: Context) -> None:
        """Begin what is awaited, and wait; a try after the first trusts no triggerer."""
        from include.orchestration import waiting

        run_id = self._run_id(context)
        waiting.begin(run_id, self._awaited)
        if context["ti"].try_number > 1:
            waiting.end(run_id, self._awaited, waiting.poll(run_id, self._awaited))
        else:
            self._defer_or_end(run_id, time.time())

    def resume(self, context: Context, event: float) -> None:
        """Look for oneself when the trigger has fired; `event` is since when the task waits."""
        self._defer_or_end(self._run_id(context), event)

    def _defer_or_end(self, run_id: str, began: float) -> None:
        from include.orchestration import waiting
        from include.orchestration.agent_trigger import AgentTrigger

        status, now = waiting.look(run_id), time.time()
        if self._awaited.has_come(status) or now - began > self._awaited.patience.total_seconds():
            waiting.end(run_id, self._awaited, status)
            return
        waiting.keep_leases(run_id, self._awaited, status)
        until = now + ROUND.total_seconds()
        trigger = AgentTrigger(run_id=run_id, awaited=self._awaited, began=began, until=until)
        self.defer(trigger=trigger, method_name="resume", timeout=ROUND + SLACK)

    def _run_id(self, context: Context) -> str:
        return experiment_run_id(self._experiment_id, context["run_id"])
