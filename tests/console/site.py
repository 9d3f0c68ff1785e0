"""The console before a real agent, behind a login that tests can steer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Header, HTTPException
from fastapi.testclient import TestClient

from include.chaos.agent.client import AgentClient
from include.console.app import build_console
from include.orchestration import names
from include.settings import AgentSettings
from tests.chaos.agent.world import World, served_in

MOUNTED_AT = "/chaos"
ADMIN, VIEWER, STRANGER = "anna", "victor", "stranger"


@dataclass
class FakeAccess:
    """A server whose users say who they are; nobody has a password."""

    secret: bytes = b"a secret of all processes"

    @property
    def user(self) -> Callable[..., Any]:
        async def user(who: Annotated[str | None, Header()] = None) -> str:
            if who is None:
                raise HTTPException(HTTPStatus.UNAUTHORIZED, "Not authenticated")
            if who == "forged":
                raise HTTPException(HTTPStatus.FORBIDDEN, "Invalid JWT token")
            return who

        return user

    def name_of(self, user: str) -> str:
        return user

    def may_look(self, user: str) -> bool:
        return user != STRANGER

    def may_act(self, user: str) -> bool:
        return user == ADMIN

    def key(self) -> bytes:
        return self.secret


@dataclass
class ConsoleSite:
    """A console, its agent, and its visitors."""

    world: World
    app: FastAPI

    def visit(self, who: str | None) -> TestClient:
        """Give a browser of somebody who is logged in."""
        headers = {"who": who} if who else {}
        return TestClient(self.app, base_url=f"http://airflow{MOUNTED_AT}/", headers=headers, follow_redirects=False)

    @property
    def journals(self) -> Path:
        return self.world.folder / "journals"


@contextmanager
def console_in(folder: Path, environment: pytest.MonkeyPatch) -> Iterator[ConsoleSite]:
    """Serve an agent, and mount the console as Airflow does."""
    with served_in(folder, environment) as world:
        agent = AgentClient(AgentSettings.from_environment())
        around = FastAPI()
        around.mount(MOUNTED_AT, build_console(FakeAccess(), lambda: agent, names, MOUNTED_AT))
        yield ConsoleSite(world=world, app=around)
