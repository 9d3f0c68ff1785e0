"""A real gate, as the process that it is in the lab, before any server."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from include.object_gate.rules import HeldRule, Rule
from include.settings import REPO_ROOT, ObjectGateServerSettings, ObjectGateSettings
from tests.scale.servers import await_port, free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningGate:
    """Where its clients come to, and where it takes rules."""

    url: str
    settings: ObjectGateSettings
    process: subprocess.Popen[bytes]

    def put(self, name: str, rule: Rule) -> None:
        """Set a rule."""
        assert self.ask("PUT", f"/rules/{name}", content=rule.model_dump_json()).status_code == 204

    def get(self, name: str) -> HeldRule | None:
        """Give a rule that stands."""
        answer = self.ask("GET", f"/rules/{name}")
        return HeldRule.model_validate_json(answer.content) if answer.status_code == 200 else None

    def delete(self, name: str) -> None:
        """Drop a rule."""
        assert self.ask("DELETE", f"/rules/{name}").status_code == 204

    def ask(self, method: str, path: str, *, content: str = "", token: str | None = None) -> httpx.Response:
        """Ask the API for anything."""
        bearer = self.settings.token.get_secret_value() if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"}
        return httpx.request(method, self.settings.url + path, content=content, headers=headers, trust_env=False)


@contextmanager
def gate_before(upstream: str) -> Iterator[RunningGate]:
    """Run a gate on ports of its own."""
    port, control = free_port(), free_port()
    listening = ObjectGateServerSettings(listen=f"http://127.0.0.1:{port}", upstream=upstream)
    settings = ObjectGateSettings(url=f"http://127.0.0.1:{control}", token=SecretStr(secrets.token_hex(16)))
    environment = os.environ | listening.to_environment() | settings.to_environment() | {"PYTHONPATH": str(REPO_ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "include.object_gate"], env=environment)
    try:
        await_port(port)
        yield RunningGate(url=listening.listen, settings=settings, process=process)
    finally:
        process.terminate()
        process.wait(timeout=20)
