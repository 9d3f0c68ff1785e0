"""The gate through which everybody asks the lab's S3 server: setting and dropping its rules.

Rules live in the gate's memory: a gate that nobody reaches because it has ended holds none.
"""

import httpx

from include.chaos.faults.abilities import ProcessFinder
from include.chaos.model import TargetInstance
from include.errors import PlatformError
from include.object_gate.rules import Rule
from include.settings import ObjectGateSettings

_SECONDS = 5.0


class ObjectGate:
    """The rules of one lab's gate."""

    def __init__(self, processes: ProcessFinder, settings: ObjectGateSettings) -> None:
        """Remember where the gate takes its rules."""
        self._processes = processes
        bearer = f"Bearer {settings.token.get_secret_value()}"
        self._http = httpx.Client(
            base_url=settings.url, timeout=_SECONDS, trust_env=False, headers={"Authorization": bearer}
        )

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        """Give the S3 server with the process that it has now; raise `PlatformError` when it has none."""
        return self._processes.resolve_again(instance)

    def is_running(self, instance: TargetInstance) -> bool:
        """Tell whether the S3 server itself runs."""
        return self._processes.is_running(instance)

    def set_rule(self, name: str, rule: Rule) -> None:
        """Set a rule, or replace the one of that name; the gate confirms when it stands."""
        try:
            self._ask("PUT", name, content=rule.model_dump_json())
        except httpx.ConnectError as error:
            raise PlatformError(f"the object gate does not answer: {error}") from error

    def has_rule(self, name: str) -> bool:
        """Tell whether the rule stands."""
        try:
            return self._ask("GET", name).status_code == httpx.codes.OK
        except httpx.ConnectError:
            return False

    def drop_rule(self, name: str) -> None:
        """Drop a rule; nothing where it does not stand, or where the gate that held it is gone."""
        try:
            self._ask("DELETE", name)
        except httpx.ConnectError:
            return

    def _ask(self, method: str, name: str, content: str | None = None) -> httpx.Response:
        try:
            answer = self._http.request(method, f"/rules/{name}", content=content)
        except httpx.ConnectError:
            raise
        except httpx.HTTPError as error:
            raise PlatformError(f"the object gate does not answer: {error or type(error).__name__}") from error
        if answer.is_success or answer.status_code == httpx.codes.NOT_FOUND:
            return answer
        raise PlatformError(f"the object gate refuses {method} /rules/{name} ({answer.status_code}): {answer.text}")
