"""The recommender: needs nothing to come up, for it says itself what it cannot answer from."""

import sys
from datetime import datetime
from functools import partial

from include.errors import LabError
from include.lab.component import Component
from include.lab.http_health import send
from include.lab.plan import LOOPBACK, Plan
from include.settings import REPO_ROOT, WebappServerSettings


def components(plan: Plan) -> tuple[Component, ...]:
    """Describe it."""
    port = plan.ports["webapp"]
    own = (plan.warehouse(), plan.webapp(), WebappServerSettings(listen=f"{LOOPBACK}:{port}"))
    named = {name: value for settings in own for name, value in settings.to_environment().items()}
    webapp = Component(
        name="webapp",
        component="webapp",
        port=port,
        command=(sys.executable, "-m", "include.webapp"),
        environment=named | {"PYTHONPATH": str(REPO_ROOT), "SPT_NOENV": "1"},
        check=partial(_check, plan),
    )
    return (webapp,)


def _check(plan: Plan, _since: datetime) -> None:
    url = f"{plan.url('webapp')}/healthz"
    if not (answer := send(url)).is_success:
        raise LabError(f"{url} answers {answer.status_code}")
