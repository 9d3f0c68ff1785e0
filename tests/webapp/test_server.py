"""gunicorn and its workers."""

from collections.abc import Iterator

import httpx
import psutil
import pytest

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
    with served(landing.settings, workers=1, port=site.port) as successor:
        assert successor.status("/family/piano") == 200


def test_it_stops_when_told_to(site: Served) -> None:
    """With its workers, and without an error."""
    workers = site.workers()
    site.process.terminate()
    assert site.process.wait(timeout=30) == 0
    assert not any(worker.is_running() for worker in workers)
