"""The journal's mirror, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from include.chaos.events import Resumed
from include.chaos.journal import JournalEntry
from include.chaos.platforms.journal_database import PostgresJournalDatabase
from include.errors import PlatformError
from include.settings import JournalDatabaseSettings
from tests.scale.servers import PostgresServer, postgres_server

RUN = "run"
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'chaos agent: mirror'"
END_BACKENDS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'chaos agent%'"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def database(server: PostgresServer) -> PostgresJournalDatabase:
    settings = server.create_database()
    return PostgresJournalDatabase(JournalDatabaseSettings(**settings.model_dump()))


def entries(*numbers: int) -> tuple[JournalEntry, ...]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return tuple(JournalEntry(seq=number, at=at, mono=float(number), body=Resumed()) for number in numbers)


def backends(server: PostgresServer) -> list[int]:
    with server.connect() as connection:
        return [pid for (pid,) in connection.execute(BACKENDS).fetchall()]


def test_batches_share_a_connection(server: PostgresServer, database: PostgresJournalDatabase) -> None:
    """Batches come every second, and to connect costs more than they do."""
    before = set(backends(server))
    database.insert(RUN, entries(1))
    [opened] = set(backends(server)) - before
    database.insert(RUN, entries(2))
    assert set(backends(server)) - before == {opened}
    assert database.last_mirrored(RUN) == 2


def test_entries_that_are_there_are_left(database: PostgresJournalDatabase) -> None:
    """A batch whose answer was lost comes again."""
    database.insert(RUN, entries(1, 2))
    database.insert(RUN, entries(1, 2, 3))
    assert database.last_mirrored(RUN) == 3


def test_a_broken_connection_is_one_failed_batch(server: PostgresServer, database: PostgresJournalDatabase) -> None:
    """The mirror waits for its next round, in which it connects anew."""
    database.insert(RUN, entries(1))
    with server.connect() as connection:
        connection.execute(END_BACKENDS)
    with pytest.raises(PlatformError, match="journal database"):
        database.insert(RUN, entries(2))
    database.insert(RUN, entries(2))
    assert database.last_mirrored(RUN) == 2


def test_a_question_that_finds_a_broken_connection_is_an_answerless_one(
    server: PostgresServer, database: PostgresJournalDatabase
) -> None:
    """It is a `PlatformError` too, for which the mirror's thread is prepared."""
    database.insert(RUN, entries(1))
    with server.connect() as connection:
        connection.execute(END_BACKENDS)
    with pytest.raises(PlatformError):
        database.last_mirrored(RUN)
    assert database.last_mirrored(RUN) == 1
