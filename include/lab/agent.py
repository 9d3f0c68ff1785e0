"""The chaos agent, kept running like everything else, but needed by nothing."""

import sys
from datetime import datetime
from functools import partial

from include.errors import LabError
from include.lab.component import Component
from include.lab.http_health import send
from include.lab.plan import Plan
from include.settings import REPO_ROOT


def components(plan: Plan) -> tuple[Component, ...]:
    """Describe the agent."""
    agent = Component(
        name="agent",
        component="agent",
        port=plan.ports["agent"],
        command=(sys.executable, "-m", "include.chaos.agent"),
        environment=plan.environment() | {"PYTHONPATH": str(REPO_ROOT), "SPT_NOENV": "1"},
        check=partial(_check, plan),
        needs=("control_db", "fault_proxy"),
    )
    return (agent,)


def _check(plan: Plan, _since: datetime) -> None:
    url = f"{plan.url('agent')}/health"
    token = plan.credentials.agent
    if not (answer := send(url, headers={"Authorization": f"Bearer {token}"})).is_success:
        raise LabError(f"{url} answers {answer.status_code}")
