"""The recommender on a real warehouse, asked as a browser or a program asks it."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse

from include.settings import WebappSettings
from include.webapp.app import build_app
from include.webapp.recommender import Recommender
from include.webapp.warehouse import Warehouse
from tests.scale.servers import PostgresServer, postgres_server
from tests.waiting import await_
from tests.webapp.landed import Landing

LOGIN = ("listener", "pass:wörd")
CONNECTIONS = 4


@dataclass(slots=True)
class Listener:
    """Somebody who is logged in."""

    recommender: Recommender
    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        """Ask for whatever is there."""
        return self.client.get(path, auth=LOGIN)

    def page(self, path: str) -> str:
        """Read a page that is there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def json(self, path: str) -> Any:  # noqa: ANN401  # JSON
        """Read JSON that is there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def all_pages(self, path: str, field: str) -> list[dict[str, Any]]:
        """Read page after page."""
        found: list[dict[str, Any]] = []
        following: str | None = path
        while following:
            answer = self.json(following)
            found += answer[field]
            following = answer["next"]
        return found

    def look(self) -> None:
        """Have it see what is published now, as it would within a second by itself."""
        self.recommender.watch.look()
        self.recommender.read_catalogue()

    def await_answers_from(self, source: str) -> None:
        """Wait until it has noticed that the warehouse is away, or back."""
        await_(lambda: self.json("/readyz")["answers_from"] == source, f"answers from {source}")


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """One PostgreSQL for all tests; who kills it starts it again."""
    with postgres_server() as running:
        yield running


@pytest.fixture
def landing(server: PostgresServer) -> Landing:
    """A warehouse of one's own."""
    return Landing(server)


@pytest.fixture
def listener(landing: Landing) -> Iterator[Listener]:
    """A recommender in this process, that looks when it is told to."""
    with Warehouse(landing.settings, connections=CONNECTIONS) as warehouse:
        yield listening_to(warehouse)


def listening_to(warehouse: Warehouse) -> Listener:
    """Put a recommender before a warehouse."""
    recommender = Recommender(warehouse)
    return Listener(recommender, build_app(recommender, settings()).test_client())


def settings() -> WebappSettings:
    """Give the login."""
    user, password = LOGIN
    return WebappSettings(url="http://127.0.0.1:1", user=user, password=SecretStr(password))


def links_of(page: str) -> list[str]:
    """Give the addresses to which a page leads."""
    return [html.unescape(link) for link in re.findall(r'<a [^>]*href="([^"]*)"', page)]
