"""gunicorn and its workers."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from include.chaos.model import Component
from include.chaos.platforms.addresses import LocalAddresses
from include.chaos.platforms.http import HttpGetter
from include.chaos.probes.place import Place
from tests.waiting import await_
from tests.webapp.landed import Landing
from tests.webapp.serving import LOGIN, Served, served

WORKERS = 2


@pytest.fixture
def site(landing: Landing) -> Iterator[Served]:
    """The recommender, served by two workers."""
    landing.publish({"x" * 1024: (1, 2, 3), "é" * 512: (1, 2, 3)})
    with served(landing.settings, workers=WORKERS) as site:
        yield site


def test_the_longest_keys_fit_into_an_address(site: Served) -> None:
    """Two of them, each byte percent-encoded; it is the server that would refuse."""
    parameters = {"filename": "é" * 512, "after": "é" * 512, "score": "0.5"}
    answer = httpx.get(f"{site.url}/api/similar", params=parameters, auth=LOGIN, trust_env=False)
    assert answer.status_code == 200
    assert answer.json()["song"]["filename"] == "é" * 512


def test_a_probe_is_let_in(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the login in its environment; no experiment file holds one."""
    for name, value in site.settings.to_environment().items():
        monkeypatch.setenv(name, value)
    getter, recommender = HttpGetter(addresses=LocalAddresses()), Place(component=Component.WEBAPP)
    answer = getter.get(recommender, "/api/songs?family=piano", scheme="http", timeout=30, limit=16_384)
    assert answer.status == 200
    assert "é" * 512 in answer.body


def test_a_worker_that_dies_is_replaced(site: Served) -> None:
    """By gunicorn; the other goes on meanwhile."""
    died = site.workers()[0]
    died.kill()
    await_(lambda: len(site.workers()) == WORKERS and died not in site.workers(), "a new worker")
    assert site.status("/family/piano") == 200


def test_workers_die_with_their_master(landing: Landing, site: Served) -> None:
    """Else they would hold the port, and serve on, while a supervisor starts the next."""
    workers = site.workers()
    site.process.kill()
    psutil.wait_procs(workers, timeout=30)
    assert not any(worker.is_running() for worker in workers)
    with served(landing.settings, workers=1, port=urlsplit(site.url).port) as successor:
        assert successor.status("/family/piano") == 200


def test_it_stops_when_told_to(site: Served) -> None:
    """With its workers, and without an error."""
    workers = site.workers()
    site.process.terminate()
    assert site.process.wait(timeout=30) == 0
    assert not any(worker.is_running() for worker in workers)
