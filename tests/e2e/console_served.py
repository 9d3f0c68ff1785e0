"""The console on a port of its own, for a browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from tests.console.site import MOUNTED_AT, ConsoleSite, console_in
from tests.waiting import await_


@dataclass(frozen=True)
class ServedConsole:
    """A console and its address."""

    site: ConsoleSite
    url: str


@contextmanager
def served_console(folder: Path, environment: pytest.MonkeyPatch) -> Iterator[ServedConsole]:
    """Serve the console as it is mounted in Airflow, behind the tests' own login."""
    with console_in(folder, environment) as site:
        server = uvicorn.Server(uvicorn.Config(site.app, port=0, log_level="critical"))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            await_(lambda: server.started)
            yield ServedConsole(site, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}{MOUNTED_AT}")
        finally:
            server.should_exit = True
            thread.join()
