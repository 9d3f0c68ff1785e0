"""The recommender as it is served: gunicorn and its workers, in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil
from pydantic import SecretStr

from include.settings import REPO_ROOT, WarehouseSettings, WebappServerSettings, WebappSettings
from tests.scale.servers import free_port
from tests.waiting import await_

LOGIN = ("listener", "secret")


@dataclass(slots=True)
class Served:
    """gunicorn on a port."""

    process: subprocess.Popen[bytes]
    settings: WebappSettings

    @property
    def url(self) -> str:
        """Give its address."""
        return self.settings.url

    def workers(self) -> list[psutil.Process]:
        """List the processes that answer."""
        return psutil.Process(self.process.pid).children()

    def get(self, path: str) -> httpx.Response:
        """Ask over a new connection, which any of the workers may take."""
        return httpx.get(self.url + path, auth=LOGIN, timeout=30, trust_env=False)

    def status(self, path: str) -> int | None:
        """Ask for a status; None when nobody answers."""
        try:
            return self.get(path).status_code
        except httpx.HTTPError:
            return None


@contextmanager
def served(warehouse: WarehouseSettings, *, workers: int, port: int | None = None) -> Iterator[Served]:
    """Serve as the lab does, and leave no process."""
    listen = port or free_port()
    settings = WebappSettings(url=f"http://127.0.0.1:{listen}", user=LOGIN[0], password=SecretStr(LOGIN[1]))
    server = WebappServerSettings(listen=f"127.0.0.1:{listen}", workers=workers)
    environment = os.environ | warehouse.to_environment() | settings.to_environment() | server.to_environment()
    command = [sys.executable, "-m", "include.webapp"]
    process = subprocess.Popen(command, cwd=REPO_ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        site = Served(process, settings)
        await_(lambda: site.status("/healthz") == 200 and len(site.workers()) == workers, "gunicorn")
        yield site
    finally:
        process.terminate()
        process.wait(timeout=30)
