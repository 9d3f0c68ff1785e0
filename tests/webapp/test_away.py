"""What the recommender answers while the warehouse is away, and afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from include.webapp.warehouse import Warehouse
from tests.scale.servers import PostgresServer
from tests.waiting import await_
from tests.webapp.conftest import CONNECTIONS, Listener, listening_to
from tests.webapp.landed import Landing

SONGS = {"Known": (40, 41, 42), "Like it": (40, 41, 42), "Unseen": (73, 74, 75)}
SEEN, UNSEEN = "/api/similar?filename=Known", "/api/similar?filename=Unseen"


@pytest.fixture
def landed(landing: Landing, listener: Listener) -> Iterator[Listener]:
    """A listener who has looked at one song, to a recommender that watches."""
    landing.publish(SONGS)
    listener.look()
    listener.recommender.start()
    for path in (SEEN, "/song?filename=Known", "/instrument/violin"):
        assert "Stale-Since" not in listener.get(path).headers
    yield listener
    listener.recommender.end()


@contextmanager
def killed(server: PostgresServer) -> Iterator[None]:
    """Have the server dead for a while."""
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server: PostgresServer) -> Iterator[None]:
    """Have the server silent for a while: its connections stay open, and nothing answers."""
    assert server.process is not None
    main = psutil.Process(server.process.pid)
    family = [main, *main.children(recursive=True)]
    for process in family:
        process.suspend()
    try:
        yield
    finally:
        for process in family:
            process.resume()


def test_what_was_asked_before_is_answered_from_memory(server: PostgresServer, landed: Listener) -> None:
    """And says since when it may be stale: in a field, in a header, and in words."""
    before = landed.json(SEEN)
    with killed(server):
        landed.await_answers_from("memory")
        answer = landed.get(SEEN)
        assert answer.json == before | {"stale_since": answer.headers["Stale-Since"]}
        for path in ("/song?filename=Known", "/instrument/violin", "/", "/search?q=known"):
            page = landed.get(path)
            assert "The warehouse has not answered since" in page.text
            assert page.headers["Stale-Since"] == answer.headers["Stale-Since"]


def test_what_was_never_asked_is_refused_with_an_explanation(server: PostgresServer, landed: Listener) -> None:
    """At once, with the time after which to try again; neither an error page without words nor a wait."""
    with killed(server):
        for path in (UNSEEN, "/song?filename=Unseen", "/instrument/flute"):
            answer = landed.get(path)
            assert answer.status_code == 503
            assert "The warehouse does not answer, and this has not been asked before." in answer.text
            assert int(answer.headers["Retry-After"]) > 0
        assert landed.get("/instrument/kazoo").status_code == 404


def test_it_answers_again_when_the_warehouse_is_back(server: PostgresServer, landed: Listener) -> None:
    """Without a restart, and without a word about what was."""
    with killed(server):
        landed.await_answers_from("memory")
    landed.await_answers_from("warehouse")
    assert landed.json(UNSEEN)["song"]["title"] == "Unseen"
    assert "Stale-Since" not in landed.get("/song?filename=Known").headers
    assert "has not answered" not in landed.page("/song?filename=Known")


def test_connections_that_were_cut_are_replaced_unnoticed(server: PostgresServer, landed: Listener) -> None:
    """The server is there, so a listener learns nothing of it."""
    with server.connect() as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'webapp'")
    assert landed.get(UNSEEN).status_code == 200


def test_a_frozen_warehouse_is_not_waited_for(server: PostgresServer, landed: Listener) -> None:
    """Answers come while it is still frozen, although no connection breaks."""
    with frozen(server):
        assert landed.get(UNSEEN).status_code == 503
        assert landed.json(SEEN)["stale_since"]
        assert landed.json("/readyz")["answers_from"] == "memory"
    landed.await_answers_from("warehouse")
    assert landed.get(UNSEEN).status_code == 200


def test_a_warehouse_that_is_only_slow_is_not_called_away(landing: Landing, landed: Listener) -> None:
    """Somebody holds a lock: what is known is given, what is not is refused, and each says why."""
    with landing.connect() as other, other.transaction():
        other.execute("LOCK TABLE scale.set_neighbours IN ACCESS EXCLUSIVE MODE")
        answer = landed.get(UNSEEN)
        assert answer.status_code == 503
        assert "takes too long" in answer.text
        assert landed.json("/readyz")["answers_from"] == "warehouse"
        assert landed.json(SEEN)["stale_since"] is None
    landing.publish(SONGS)
    landed.recommender.watch.look()
    with landing.connect() as other, other.transaction():
        other.execute("LOCK TABLE scale.set_neighbours IN ACCESS EXCLUSIVE MODE")
        assert "The warehouse is slow." in landed.page("/song?filename=Known")
    assert landed.get(UNSEEN).status_code == 200


def test_it_comes_up_without_the_warehouse(server: PostgresServer, landing: Landing) -> None:
    """It lives, but is not ready, and says so; and it is ready as soon as the warehouse is there."""
    landing.publish(SONGS)
    with killed(server), Warehouse(landing.settings, connections=CONNECTIONS) as warehouse:
        listener = listening_to(warehouse)
        listener.recommender.start()
        assert listener.get("/healthz").status_code == 200
        assert listener.get("/readyz").status_code == 503
        assert listener.get("/search?q=known").status_code == 503
        assert "is not known yet" in listener.page("/")
        server.start()
        await_(lambda: listener.get("/readyz").status_code == 200, "readiness")
        await_(lambda: listener.json("/api/instruments")["songs"] == len(SONGS), "all titles")
        assert listener.get(SEEN).status_code == 200
        server.kill()
        listener.recommender.end()
