"""The reader on a real PostgreSQL: what is planted for a moment is caught, and what is done well is no mixture."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest

from include.chaos.agent.reader import ConsumerReader
from include.chaos.consumer_events import ConsumerRead, ReaderBlind, ReaderSees
from include.chaos.consumer_reads import ConsumerReads, read_consumer
from include.chaos.entries import bodies
from include.chaos.journal import JournalWriter, SystemClock
from include.chaos.pipeline import Pipeline, Relation
from include.chaos.platforms.consumer_snapshots import ConsumerSnapshots
from include.settings import WarehouseSettings
from tests.chaos.landed_world import pipeline_in
from tests.scale.servers import PostgresServer, postgres_server
from tests.waiting import await_

BEFORE, OURS = "run-1", "run-2"
SCHEMA = """
    CREATE TABLE song (k text, v int);
    CREATE TABLE pair (k text, v int);
    CREATE TABLE other (k text);
    CREATE TABLE publication (dag_run_id text, published_at timestamptz);
    INSERT INTO song SELECT 'song ' || n, 1 FROM generate_series(1, 100) AS n;
    INSERT INTO pair SELECT 'pair ' || n, 1 FROM generate_series(1, 100) AS n;
    INSERT INTO publication VALUES ('run-1', now());
"""
STAMP = "UPDATE publication SET dag_run_id = 'run-2', published_at = now()"
SONG, PAIR = "UPDATE song SET v = 2", "UPDATE pair SET v = 2"
A_MOMENT = "SELECT pg_sleep(0.05)"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Two relations and a stamp, in a database of their own."""

    server: PostgresServer
    settings: WarehouseSettings
    connection: psycopg.Connection
    pipeline: Pipeline
    folder: Path
    journals: list[JournalWriter] = field(default_factory=list)

    def do(self, *transactions: str) -> None:
        """Run texts of statements, each in one transaction."""
        for statements in transactions:
            self.connection.execute(statements.encode())

    def read_while(self, act: Callable[[], object], *, longest_read_seconds: int = 2) -> ConsumerReads:
        """Read as a consumer from before an act until after it."""
        journal = JournalWriter(self.folder / f"{len(self.journals)}.jsonl", clock=SystemClock())
        self.journals.append(journal)
        source = ConsumerSnapshots(self.settings, self.pipeline, longest_read_seconds=longest_read_seconds)
        reader = ConsumerReader(pipeline=self.pipeline, source=source, record=journal.append, clock=SystemClock())
        reader.start()
        try:
            await_(lambda: bool(bodies(journal.entries, ConsumerRead)), "a first read")
            act()
            reader.settle()
        finally:
            reader.stop()
            journal.close()
        reads = read_consumer(journal.entries, OURS)
        assert reads is not None
        return reads

    def start_again(self) -> None:
        """Have everything as it was."""
        self.do("DROP TABLE song, pair, other, publication", SCHEMA)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def shop(server: PostgresServer, tmp_path: Path) -> Iterator[Shop]:
    settings = server.create_database()
    relations = tuple(Relation(name=name, key=("k",), values=("v",)) for name in ("song", "pair"))
    pipeline = pipeline_in(tmp_path).model_copy(
        update={"relations": relations, "quarantine": Relation(name="other", key=("k",))}
    )
    with server.connect(settings.dbname) as connection:
        made = Shop(server=server, settings=settings, connection=connection, pipeline=pipeline, folder=tmp_path)
        made.do(SCHEMA)
        yield made


def catch(shop: Shop, *transactions: str) -> str:
    """Plant something until it is caught, ten times at most: a busy machine may look away for longer."""
    for _ in range(10):
        reads = shop.read_while(lambda: shop.do(*transactions))
        if reads.broken:
            return reads.broken[0].what
        shop.start_again()
    raise AssertionError("it was planted ten times and never caught")


def test_a_mixture_visible_for_50_ms_before_the_stamp_moves_is_caught(shop: Shop) -> None:
    """One relation is committed, and a moment later the other with the stamp."""
    what = catch(shop, SONG, A_MOMENT, f"{PAIR}; {STAMP}")
    assert what == "with the publication of run-1, song was that of run-2 (100 rows, not 100 rows)"


def test_a_relation_that_is_stale_for_50_ms_after_the_stamp_moved_is_caught(shop: Shop) -> None:
    """The stamp moves with one relation, and the other comes a moment later."""
    what = catch(shop, f"{SONG}; {STAMP}", A_MOMENT, PAIR)
    assert what == "with the publication of run-2, pair was that of run-1 (100 rows, not 100 rows)"


def test_rows_that_are_gone_for_50_ms_are_seen(shop: Shop) -> None:
    """Deleted and inserted again in two transactions, under the same stamp."""
    again = "INSERT INTO song SELECT 'song ' || n, 1 FROM generate_series(1, 100) AS n"
    what = catch(shop, "TRUNCATE song", A_MOMENT, again)
    assert what == "with the publication of run-1, song was empty (100 rows belong there)"


def test_a_step_back_of_50_ms_is_caught(shop: Shop) -> None:
    """The newer publication was in sight already."""
    back = "UPDATE publication SET dag_run_id = 'run-1', published_at = published_at - interval '1 hour'"
    what = catch(shop, f"{SONG}; {PAIR}; {STAMP}", A_MOMENT, back, A_MOMENT, STAMP)
    assert what == "a step back, to the publication of run-1 after that of run-2"


def test_publishing_in_one_transaction_is_no_mixture_however_busy_the_database_is(shop: Shop) -> None:
    """Others commit all the time, and the publication moves at once."""
    ended = threading.Event()

    def be_busy() -> None:
        with shop.server.connect(shop.settings.dbname) as connection:
            connection.execute("CREATE TABLE elsewhere (n int)")
            while not ended.is_set():
                connection.execute("INSERT INTO elsewhere VALUES (1)")

    def publish() -> None:
        busy = threading.Thread(target=be_busy)
        busy.start()
        shop.do(A_MOMENT, f"{SONG}; {PAIR}; {STAMP}", A_MOMENT)
        ended.set()
        busy.join()

    reads = shop.read_while(publish)
    assert (reads.broken, reads.sights) == ((), 2)


@pytest.mark.parametrize(
    "replace_song",
    [
        "TRUNCATE song; INSERT INTO song SELECT 'new', 2",
        "CREATE TABLE next AS SELECT 'new'::text AS k, 2 AS v; DROP TABLE song; ALTER TABLE next RENAME TO song",
    ],
    ids=["truncated", "renamed"],
)
def test_a_table_replaced_in_one_transaction_is_no_mixture(shop: Shop, replace_song: str) -> None:
    """What a snapshot from before would read of it is not what consumers read: the reader locks as they do."""
    reads = shop.read_while(lambda: shop.do(f"{PAIR}; {replace_song}; {STAMP}"))
    assert (reads.broken, reads.sights) == ((), 2)


def test_a_relation_in_a_schema_of_its_own_is_read_by_both_names(shop: Shop) -> None:
    """As landing contracts name it."""
    shop.do("CREATE SCHEMA landed", "CREATE TABLE landed.song AS TABLE song")
    relations = (Relation(name="landed.song", key=("k",), values=("v",)),)
    elsewhere = replace(shop, pipeline=shop.pipeline.model_copy(update={"relations": relations}))
    reads = elsewhere.read_while(lambda: elsewhere.do("; ".join(["UPDATE landed.song SET v = 2", STAMP])))
    assert (reads.broken, reads.sights, reads.never_whole) == ((), 2, ())


def test_two_copies_for_one_are_seen(shop: Shop) -> None:
    """A digest that added nothing for pairs of equals would miss them."""
    copies = "INSERT INTO song SELECT * FROM song; INSERT INTO song SELECT * FROM song"
    what = catch(shop, copies, A_MOMENT, "DELETE FROM song WHERE ctid > (SELECT max(ctid) FROM pair)")
    assert "song was of no publication (400 rows, not 100 rows)" in what


def test_a_relation_that_takes_too_long_is_only_looked_at(shop: Shop) -> None:
    """The others are read all the same, and it is named."""
    slow = "CREATE VIEW slow AS SELECT k, v FROM pair UNION ALL SELECT 'last', 0 FROM pg_sleep(5)"
    shop.do(slow)
    relations = (shop.pipeline.relations[0], Relation(name="slow", key=("k",), values=("v",)))
    large = replace(shop, pipeline=shop.pipeline.model_copy(update={"relations": relations}))
    reads = large.read_while(lambda: large.do(SONG), longest_read_seconds=1)
    assert reads.never_whole == ("slow",)
    (*_, latest) = bodies(large.journals[0].entries, ConsumerRead)
    song, slow_sight, _ = latest.relations
    assert (song.rows, slow_sight.rows, slow_sight.is_empty) == (100, None, False)


def test_a_server_that_goes_away_blinds_the_reader_until_it_is_back(shop: Shop) -> None:
    """Nobody is accused for what nobody could read."""

    def crash() -> None:
        shop.server.kill()
        journal = shop.journals[0]
        await_(lambda: bool(bodies(journal.entries, ReaderBlind)), "blindness")
        shop.server.start()
        await_(lambda: bool(bodies(journal.entries, ReaderSees)), "sight")

    reads = shop.read_while(crash)
    assert reads.broken == ()
    (blindness,) = reads.blind
    assert blindness.lasted is not None
