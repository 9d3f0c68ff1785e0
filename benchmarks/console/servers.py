"""The console and an agent full of runs, each a process of its own, as in a lab."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

_STARTS_WITHIN = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleServers:
    """Where the console is, and its agent."""

    url: str
    agent_url: str


@contextmanager
def serving(folder: Path) -> Iterator[ConsoleServers]:
    """Serve both; leave no process."""
    with _process(_serve_agent, folder) as agent_url, _process(_serve_console, agent_url) as url:
        yield ConsoleServers(url=f"{url}/chaos", agent_url=agent_url)


@contextmanager
def _process(serve: Callable[..., None], given: object) -> Iterator[str]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process: BaseProcess = context.Process(target=serve, args=(given, there), daemon=True)
    process.start()
    try:
        if not here.poll(_STARTS_WITHIN):
            raise RuntimeError(f"{serve.__name__} did not start")
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve_agent(folder: Path, told: Connection) -> None:
    from pydantic import SecretStr

    from include.chaos.agent.server import build_app
    from tests.chaos.agent.world import World

    _serve(build_app(World(folder).registry, SecretStr("token")), told)


def _serve_console(agent_url: str, told: Connection) -> None:
    from include.chaos.agent.client import AgentClient
    from include.console.app import build_console
    from include.orchestration import names
    from include.settings import AgentSettings
    from tests.console.site import MOUNTED_AT, FakeAccess

    agent = AgentClient(AgentSettings.model_validate({"url": agent_url, "token": "token"}))
    around = FastAPI()
    around.mount(MOUNTED_AT, build_console(FakeAccess(), lambda: agent, names, MOUNTED_AT))
    _serve(around, told)


def _serve(app: Any, told: Connection) -> None:  # noqa: ANN401  # an ASGI app
    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:  # noqa: ANN401  # uvicorn's
            await super().startup(sockets)
            told.send(self.servers[0].sockets[0].getsockname()[1])

    Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False)).run()
