"""Row accounting: digests by bucket, against a full outer join in the database and against fetching everything.

A relation of scored pairs (two texts, one double), of which one score is wrong in its last digit. Every way reads the
oracle's JSON lines, which cost each the same, and must find that one row. Ours digests both sides and moves the rows of
one bucket. The join needs the right to write to the warehouse: it copies the expected rows to a table and joins.
Fetching everything holds both sides in Python's memory. Each way is a process of its own; its memory is what it
took beyond its imports, the server's what its processes hold beside the pages that they share.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from benchmarks.accounted_pairs import KEY, PAIR, VALUES, contract_in, expected_lines, land_pairs
from benchmarks.grounds import database_server
from benchmarks.lines import Line, against, alone, memory
from benchmarks.measured import Measured, timed
from benchmarks.progress import tell
from benchmarks.scope import Scope
from benchmarks.server_memory import watched_server
from include.chaos.integrity import Key, RelationRows, Row, account_relation
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.row_digests import bucket_count
from include.chaos.verification import verify_landing
from include.settings import WarehouseSettings
from tests.scale.servers import PostgresServer

_STATEMENT_SECONDS = 3_600
_CLIENT_MIB = 256

_JOIN = """
    SELECT
        count(*) FILTER (WHERE landed.filename_a IS NULL),
        count(*) FILTER (WHERE expected.filename_a IS NULL),
        count(*) FILTER (WHERE landed.similarity_score IS DISTINCT FROM expected.similarity_score)
    FROM expected
    FULL OUTER JOIN pair AS landed USING (filename_a, filename_b)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where so many rows have landed."""

    settings: WarehouseSettings
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one way has found, and how many rows left the database for it."""

    wrong: int
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of accounting, measured, with the most memory that it took on either side."""

    found: Found
    measured: Measured
    client_octets: int
    server_octets: int


def measure(scope: Scope) -> Iterator[Line]:
    """Find the one wrong row every way."""
    rows, fetched_rows = scope.accounted_rows, scope.fetched_rows
    what = f"accounting for {rows:,} rows, one wrong in its last digit"
    with database_server() as server:
        ground = _landed(server, rows)
        ours = _measured(what, by_digests, server, ground)
        joined = _measured(f"{what}: outer join", by_outer_join, server, ground)
        _, digested = timed(lambda: _digest(ground))
        fetched = _measured(f"fetching {fetched_rows:,} rows", by_fetching, server, _landed(server, fetched_rows))
    yield against(f"{what} / full outer join", ours.measured, joined.measured, note=_moved(ours, joined, rows))
    scaled = fetched.measured.of(fetched_rows, "").scaled_to(rows)
    note = f"{fetched_rows:,} rows fetched"
    yield against(f"{what} / fetching everything", ours.measured.of(rows, ""), scaled, note=note, scaled=True)
    yield alone("of which digests in the database", digested.of(rows, "rows"))
    yield memory("memory of the client", ours.client_octets, below_mib=_CLIENT_MIB)
    yield memory("memory of the client, outer join", joined.client_octets)
    yield memory("memory of the client, fetching", fetched.client_octets, note=f"of {fetched_rows:,} rows")
    yield memory("memory of the server", ours.server_octets)
    yield memory("memory of the server, outer join", joined.server_octets, note="and a copy of the rows on its disk")


def by_digests(ground: Ground) -> Found:
    """Account as experiments do."""
    reader = LandedRows(ground.settings, application_name="benchmark", statement_seconds=_STATEMENT_SECONDS)
    with tempfile.TemporaryDirectory(prefix="benchmark-rows-") as folder, closing(reader) as landed:
        verified = verify_landing(contract_in(Path(folder)), "run", expected_lines(ground.rows), landed)
    return Found(wrong=verified.relations[0].corrupted, moved=sum(told.rows_moved for told in verified.comparisons))


def by_outer_join(ground: Ground) -> Found:
    """Copy the expected rows to the database, and let it join."""
    with _connected(ground) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE expected (filename_a text, filename_b text, similarity_score double precision)"
        )
        with cursor.copy("COPY expected FROM STDIN") as copy:
            for line in expected_lines(ground.rows):
                copy.write_row(json.loads(line)["row"])
        cursor.execute("ANALYZE expected")
        lost, unexpected, wrong = cursor.execute(_JOIN).fetchone() or (0, 0, 0)
    return Found(wrong=lost + unexpected + wrong, moved=0)


def by_fetching(ground: Ground) -> Found:
    """Hold both sides in memory."""
    expected: dict[Key, Row] = {}
    for line in expected_lines(ground.rows):
        a, b, score = json.loads(line)["row"]
        expected[a, b] = (score,)
    with _connected(ground) as connection:
        fetched = connection.execute("SELECT filename_a, filename_b, similarity_score FROM pair").fetchall()
    landed = [((a, b), (score,)) for a, b, score in fetched]
    account = account_relation(RelationRows(relation=PAIR, expected=expected, landed=landed))
    return Found(wrong=account.corrupted, moved=len(fetched))


def _digest(ground: Ground) -> None:
    with closing(LandedRows(ground.settings, application_name="b", statement_seconds=_STATEMENT_SECONDS)) as landed:
        landed.read_digests(landed.read_form(PAIR, KEY + VALUES, len(KEY)), bucket_count(ground.rows))


def _landed(server: PostgresServer, rows: int) -> Ground:
    tell(f"landing {rows:,} rows")
    ground = Ground(settings=server.create_database(), rows=rows)
    with _connected(ground) as connection:
        land_pairs(connection, rows)
    return ground


def _connected(ground: Ground) -> psycopg.Connection:
    return psycopg.connect(make_conninfo("", **ground.settings.connect_arguments()), autocommit=True)


def _measured(what: str, way: Callable[[Ground], Found], server: PostgresServer, ground: Ground) -> Way:
    """Have one way find the row in a process of its own."""
    tell(what)
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        before = pool.submit(_most_memory).result()  # this starts the process, which imports what it needs
        with watched_server(server) as peak:
            found, measured = timed(lambda: pool.submit(way, ground).result())
        client_octets = pool.submit(_most_memory).result() - before
    if found.wrong != 1:
        raise ValueError(f"{what}: found {found.wrong} wrong rows where one is")
    return Way(found=found, measured=measured, client_octets=client_octets, server_octets=peak.octets)


def _most_memory() -> int:
    """Give the most that this process has held, in octets; `getrusage` would count its parent's, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def _moved(ours: Way, joined: Way, rows: int) -> str:
    return f"rows moved out: {ours.found.moved:,}; in, for the join: {rows - joined.found.moved:,}"
