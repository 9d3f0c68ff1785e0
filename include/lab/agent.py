"""The chaos agent, kept running like everything else, but needed by nothing."""

import sys
from datetime import datetime
from functools import partial

from include.errors import LabError
from include.lab import spark
from include.lab.component import Component
from include.lab.http_health import send
from include.lab.plan import Plan
from include.settings import REPO_ROOT, SparkRecordSettings


def components(plan: Plan) -> tuple[Component, ...]:
    """Describe the agent."""
    agent = Component(
        name="agent",
        component="agent",
        port=plan.ports["agent"],
        command=(sys.executable, "-m", "include.chaos.agent"),
        environment=_environment(plan),
        check=partial(_check, plan),
        needs=("control_db", "fault_proxy"),
    )
    return (agent,)


def _environment(plan: Plan) -> dict[str, str]:
    """Give the lab's addresses, and what is the agent's alone: where records lie, and logins of its own."""
    own = (
        SparkRecordSettings(event_logs=spark.event_log(plan.home)),
        plan.warehouse_admin(),
        plan.airflow_of_agent(),
    )
    named = {name: value for settings in own for name, value in settings.to_environment().items()}
    return plan.environment() | named | {"PYTHONPATH": str(REPO_ROOT), "SPT_NOENV": "1"}


def _check(plan: Plan, _since: datetime) -> None:
    url = f"{plan.url('agent')}/health"
    token = plan.credentials.agent
    if not (answer := send(url, headers={"Authorization": f"Bearer {token}"})).is_success:
        raise LabError(f"{url} answers {answer.status_code}")
