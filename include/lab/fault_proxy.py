"""The fault proxy: a TCP proxy that clients of the warehouse and of the object store go through.

It needs no server and is needed by every client, so that servers are provisioned and checked past it.
"""

import sys
from datetime import datetime
from functools import partial

from include.errors import LabError
from include.lab.component import Component
from include.lab.http_health import send
from include.lab.plan import Plan
from include.settings import REPO_ROOT


def components(plan: Plan) -> tuple[Component, ...]:
    """Describe the proxy."""
    proxy = Component(
        name="fault_proxy",
        component="fault_proxy",
        port=plan.ports["fault_proxy"],
        command=(sys.executable, "-m", "include.fault_proxy"),
        environment=plan.fault_proxy().to_environment()
        | plan.proxied().to_environment()
        | {"PYTHONPATH": str(REPO_ROOT)},
        check=partial(_check, plan),
    )
    return (proxy,)


def _check(plan: Plan, _since: datetime) -> None:
    """Ask for its version: it listens for clients before it answers."""
    url = f"{plan.url('fault_proxy')}/version"
    token = plan.credentials.fault_proxy
    if not (answer := send(url, headers={"Authorization": f"Bearer {token}"})).is_success:
        raise LabError(f"{url} answers {answer.status_code}")
