"""The gate before the S3 server, through which everybody but the harness's own hands goes."""

import sys
from datetime import datetime
from functools import partial

from include.errors import LabError
from include.lab.component import Component
from include.lab.http_health import send
from include.lab.plan import Plan
from include.settings import REPO_ROOT, ObjectGateServerSettings


def components(plan: Plan) -> tuple[Component, ...]:
    """Describe the gate."""
    between = ObjectGateServerSettings(listen=plan.url("object_gate"), upstream=plan.object_store_itself().endpoint)
    own = between.to_environment() | plan.object_gate().to_environment()
    gate = Component(
        name="object_gate",
        component="object_gate",
        port=plan.ports["object_gate"],
        command=(sys.executable, "-m", "include.object_gate"),
        environment=own | {"PYTHONPATH": str(REPO_ROOT)},
        check=partial(_check, plan),
        needs=("object_store",),
    )
    return (gate,)


def _check(plan: Plan, _since: datetime) -> None:
    settings = plan.object_gate()
    url = f"{settings.url}/health"
    bearer = f"Bearer {settings.token.get_secret_value()}"
    if not (answer := send(url, headers={"Authorization": bearer})).is_success:
        raise LabError(f"{url} answers {answer.status_code}")
