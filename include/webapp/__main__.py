"""Serve the recommender with gunicorn: `python -m include.webapp`, configured by the environment."""

import ctypes
import logging
import os
import signal

from flask import Flask
from gunicorn.app.base import BaseApplication

from include.settings import WarehouseSettings, WebappServerSettings, WebappSettings
from include.webapp.app import build_app
from include.webapp.recommender import Recommender
from include.webapp.warehouse import Warehouse

_THREADS = 8
"""Of each worker; each may hold a connection, so that none waits for another's."""

_SET_PARENT_DEATH_SIGNAL = 1  # of prctl(2)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn, with its settings from here."""

    def __init__(self, server: WebappServerSettings, settings: WebappSettings, warehouse: WarehouseSettings) -> None:
        """Read the environment once, before workers are forked."""
        self._server, self._settings, self._warehouse = server, settings, warehouse
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        chosen = {
            "bind": self._server.listen,
            "workers": self._server.workers,
            "worker_class": "gthread",
            "threads": _THREADS,
            "keepalive": 15,
            "graceful_timeout": 5,
            "timeout": 120,  # a pause must not cost a worker its memory; that no request hangs is seen to elsewhere
            "limit_request_line": 8190,  # two keys of 1,024 bytes, percent-encoded
            "control_socket_disable": True,
            "post_fork": lambda arbiter, _worker: _die_with(arbiter.pid),
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application, in each worker: threads and connections do not survive a fork."""
        warehouse = Warehouse(self._warehouse, connections=_THREADS + 2)  # and two that look beside the requests
        return build_app(Recommender(warehouse).start(), self._settings)


def _die_with(parent: int) -> None:
    """Have the kernel end this process with its parent, which would otherwise leave the port taken behind it."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve until told to stop."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it tells of each attempt while a server is away
    server, settings = WebappServerSettings.from_environment(), WebappSettings.from_environment()
    _Server(server, settings, WarehouseSettings.from_environment()).run()


if __name__ == "__main__":
    main()
