"""Every planted defect is found in a real PostgreSQL, under its own name, and a relation without one moves no row."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from include.chaos.events import RowsVerified
from include.chaos.integrity import SAMPLES_KEPT
from include.chaos.model import ManifestAccount, RelationAccount, RowOutcome
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.row_digests import BucketDigest, bucket_count, hash_key
from include.chaos.row_images import RowForm
from include.chaos.verification import verify_landing
from include.errors import PlatformError
from tests.chaos.landed_world import (
    INSTRUMENTS,
    KEYS,
    PAIRS,
    QUARANTINED,
    World,
    land_everything,
    oracle_lines,
    pipeline_in,
)
from tests.scale.servers import PostgresServer, postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def world(server: PostgresServer, tmp_path: Path) -> Iterator[World]:
    settings = server.create_database()
    with (
        server.connect(settings.dbname) as connection,
        closing(LandedRows(settings, application_name="test")) as landed,
    ):
        land_everything(connection)
        yield World(connection=connection, settings=settings, landed=landed, pipeline=pipeline_in(tmp_path))


def _counts(account: RelationAccount) -> dict[str, int]:
    counts = account.model_dump(include={"lost", "duplicated", "corrupted", "unexpected"})
    assert account.expected == account.landed + account.lost + account.corrupted
    return {outcome: count for outcome, count in counts.items() if count}


def _objects(verified: RowsVerified) -> ManifestAccount:
    assert verified.manifest is not None
    return verified.manifest


def test_what_landed_as_expected_moves_no_row(world: World) -> None:
    """Odd keys, NULLs and all: the digests agree, so that nothing else has left the database."""
    verified = world.verify()
    assert [(account.expected, account.intact) for account in verified.relations] == [
        (len(INSTRUMENTS), True),
        (len(PAIRS), True),
        (len(QUARANTINED), True),
    ]
    compared = [(told.relation, told.buckets, told.differing, told.rows_moved) for told in verified.comparisons]
    assert compared == [("song_instrument", 32, 0, 0), ("pair", 64, 0, 0), ("refused", 2, 0, 0)]
    manifest = _objects(verified)
    assert (manifest.objects, manifest.landed, manifest.quarantined) == (len(KEYS) + 2, len(KEYS), 2)
    assert verified.published_dag_run_id == "run-1"


DEFECTS = {
    "a row lost": ("DELETE FROM song_instrument WHERE filename = '07.mid' AND instrument = 3", {"lost": 1}, 1),
    "a row twice": ("INSERT INTO song_instrument VALUES ('07.mid', 3)", {"duplicated": 1}, 1),
    "a row four times": (
        "INSERT INTO song_instrument SELECT '07.mid', 3 FROM generate_series(1, 3)",
        {"duplicated": 3},
        1,
    ),
    "the last bit of a double": (
        "UPDATE pair SET score = next_score FROM next_score WHERE a = '03.mid' AND b = '04.mid'",
        {"corrupted": 1},
        1,
    ),
    "a value that became NULL": (
        "UPDATE pair SET score = NULL WHERE a = '03.mid' AND b = '04.mid'",
        {"corrupted": 1},
        1,
    ),
    "a NULL that became a value": (
        "UPDATE pair SET score = 0 WHERE ctid = (SELECT min(ctid) FROM pair WHERE score IS NULL)",
        {"corrupted": 1},
        1,
    ),
    "a right copy and a wrong one": ("INSERT INTO pair VALUES ('03.mid', '04.mid', 0.5)", {"duplicated": 1}, 1),
    "a foreign row": ("INSERT INTO song_instrument VALUES ('foreign.mid', 1)", {"unexpected": 1}, 1),
    "a foreign row of nothing": ("INSERT INTO song_instrument VALUES (NULL, NULL)", {"unexpected": 1}, 1),
    "an odd key changed by a blank": (
        "UPDATE pair SET a = 'new line.mid' WHERE ctid = (SELECT min(ctid) FROM pair WHERE a = E'new\\nline.mid')",
        {"lost": 1, "unexpected": 1},
        2,
    ),
    "a loss and a copy elsewhere": (
        "UPDATE song_instrument SET filename = '08.mid' WHERE filename = '07.mid' AND instrument = 3",
        {"lost": 1, "duplicated": 1},
        2,
    ),
    "two scores exchanged": (
        """
        UPDATE pair SET score = other.score FROM pair AS other WHERE pair.a = '03.mid' AND other.a = '03.mid'
        AND (pair.b, other.b) IN (('04.mid', '05.mid'), ('05.mid', '04.mid'))
        """,
        {"corrupted": 2},
        2,
    ),
    "a partition lost": ("DELETE FROM pair WHERE a < '05.mid' AND a > ''", {"lost": 230}, 64),
    "everything twice": ("INSERT INTO pair SELECT * FROM pair", {"duplicated": len(PAIRS)}, 64),
    "an empty relation": ("TRUNCATE pair", {"lost": len(PAIRS)}, 64),
    "a stale relation": ("UPDATE pair SET score = -score - 1", {"corrupted": 1200}, 64),
}


@pytest.mark.parametrize(("statement", "found", "differing"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_planted_defect_is_found_under_its_name(
    world: World, statement: str, found: dict[str, int], differing: int
) -> None:
    """So many rows, in no more buckets than it touches; the other relations stay intact and unmoved."""
    world.spoil(statement)
    verified = world.verify()
    spoilt = {account.relation: account for account in verified.relations if not account.intact}
    ((relation, account),) = spoilt.items()
    assert _counts(account) == found
    assert account.samples.keys() == found.keys()
    assert all(len(samples) <= SAMPLES_KEPT for samples in account.samples.values())
    for told in verified.comparisons:
        assert told.differing <= (differing if told.relation == relation else 0)
        assert (told.rows_moved > 0) <= (told.relation == relation)


def test_a_loss_and_a_copy_in_one_bucket_do_not_cancel(world: World) -> None:
    """The bucket's count is right, and its sum is not."""
    form = world.landed.read_form("song_instrument", ("filename", "instrument"), 2)
    lost, doubled = _two_of_one_bucket(form)
    world.connection.execute("DELETE FROM song_instrument WHERE filename = %s AND instrument = %s", lost)
    world.connection.execute("INSERT INTO song_instrument VALUES (%s, %s)", doubled)
    verified = world.verify()
    assert _counts(verified.relations[0]) == {"lost": 1, "duplicated": 1}
    assert verified.comparisons[0].differing == 1
    assert verified.relations[0].samples[RowOutcome.LOST] == (repr(lost),)


def _two_of_one_bucket(form: RowForm) -> tuple[tuple[str, int], tuple[str, int]]:
    buckets = bucket_count(len(INSTRUMENTS))
    first: dict[int, tuple[str, int]] = {}
    for row in INSTRUMENTS:
        bucket = hash_key(form.encode(row)[0])[0] % buckets
        if bucket in first:
            return first[bucket], row
        first[bucket] = row
    raise AssertionError("no bucket has two rows")


def test_lost_rows_cost_their_objects(world: World) -> None:
    """One object lost a row, one lost all of them; the manifest's account names both and adds up."""
    world.spoil("DELETE FROM song_instrument WHERE (filename = '07.mid' AND instrument = 3) OR filename = '11.mid'")
    manifest = _objects(world.verify())
    assert (manifest.objects, manifest.landed, manifest.quarantined, manifest.lost) == (52, 48, 2, 2)
    assert manifest.samples[RowOutcome.LOST] == ("07.mid", "11.mid")


def test_objects_wrongly_in_or_not_in_quarantine_are_lost(world: World) -> None:
    """A broken file was swallowed, and a readable one was refused."""
    world.spoil("UPDATE refused SET filename = '01.mid' WHERE filename = 'broken-1.mid'")
    manifest = _objects(world.verify())
    assert (manifest.landed, manifest.quarantined, manifest.lost) == (49, 1, 2)
    assert manifest.samples[RowOutcome.LOST] == ("01.mid", "broken-1.mid")


def test_an_object_listed_twice_in_quarantine_is_quarantined(world: World) -> None:
    """The relation's account shows the copy; the object itself is accounted for."""
    world.spoil("INSERT INTO refused SELECT * FROM refused WHERE filename = 'broken-1.mid'")
    verified = world.verify()
    assert _counts(verified.relations[-1]) == {"duplicated": 1}
    assert (_objects(verified).quarantined, _objects(verified).lost) == (2, 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"relation": "pair", "row": ["03.mid", "04.mid", 0.1]}', r"wrong itself: of pair .*'04.mid'\) twice"),
        ('{"quarantined": "broken-1.mid", "reason": ""}', r"of refused it expects \('broken-1.mid',\) twice"),
        ('{"relation": "pair", "row": ["x", "y"]}', r"line \d+ is not understood .*expected columns"),
        ('{"relation": "pair", "row": ["x", "y", "0.5"]}', r"line \d+ is not understood .*expected a number"),
        ('{"relation": "song_instrument", "row": ["x", true]}', r"line \d+ .*expected an integer"),
        ('{"relation": "song_instrument", "row": ["x", 1e400]}', r"line \d+ .*expected an integer"),
        ('{"relation": "song_instrument", "row": ["\\ud800", 1]}', r"line \d+ .*surrogates not allowed"),
        ('{"relation": "other", "row": []}', r"line \d+ is not understood \('other'\)"),
        ('{"relation": "pair", "row": ["x", "y", 0.', r"line \d+ is not understood"),
        ("[]", r"line \d+ .*expected one object"),
        ("", r"line \d+ "),
    ],
)
def test_an_oracle_that_is_wrong_itself_gives_no_account(world: World, line: str, said: str) -> None:
    """Also where what landed agrees with its mistake: the copy is in the warehouse, too."""
    world.spoil("INSERT INTO pair SELECT * FROM pair WHERE a = '03.mid' AND b = '04.mid'")
    with pytest.raises(PlatformError, match=said):
        world.verify([*oracle_lines(), line])


def test_a_relation_that_does_not_read_the_same_twice_gives_no_account(world: World) -> None:
    """Rows that are all right in a bucket whose digest is not: one of the two is a lie."""

    class Fickle(LandedRows):
        def read_digests(self, form: RowForm, buckets: int) -> Mapping[int, BucketDigest]:
            digests = super().read_digests(form, buckets)
            return {bucket: replace(digest, total=digest.total + 1) for bucket, digest in digests.items()}

    by_digest_only = pytest.raises(PlatformError, match="song_instrument: bucket 0 differs by its digest and not by")
    with closing(Fickle(world.settings, application_name="test")) as fickle, by_digest_only:
        replace(world, landed=fickle).verify()


def test_a_run_without_a_manifest_gives_no_account(world: World) -> None:
    """There is nothing to account against."""
    world.spoil("TRUNCATE manifest_object")
    with pytest.raises(PlatformError, match="no manifest"):
        world.verify()


def test_digests_and_rows_are_of_one_snapshot(world: World) -> None:
    """What commits between the digests and the reading of rows is in neither."""

    class Overtaken(LandedRows):
        def read_digests(self, form: RowForm, buckets: int) -> Mapping[int, BucketDigest]:
            digests = super().read_digests(form, buckets)
            world.spoil("DELETE FROM pair", "DELETE FROM song_instrument", "DELETE FROM publication")
            return digests

    world.spoil("DELETE FROM song_instrument WHERE filename = '07.mid' AND instrument = 3")
    with closing(Overtaken(world.settings, application_name="test")) as overtaken:
        verified = replace(world, landed=overtaken).verify()
    assert [_counts(account) for account in verified.relations] == [{"lost": 1}, {}, {}]
    assert not world.verify().relations[1].landed


def test_a_connection_that_broke_while_the_oracle_thought_is_made_anew(world: World) -> None:
    """The oracle takes minutes, in which a warehouse may have been started again."""

    def lines() -> Iterator[bytes]:
        world.spoil("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test'")
        yield from (line.encode() for line in oracle_lines())

    verified = verify_landing(world.pipeline, "run-1", lines(), world.landed)
    assert all(account.intact for account in verified.relations)


def test_a_server_that_goes_away_gives_no_account(world: World) -> None:
    """A connection that is cut in the middle is an error, and not an empty relation."""

    class Cut(LandedRows):
        def read_digests(self, form: RowForm, buckets: int) -> Mapping[int, BucketDigest]:
            digests = super().read_digests(form, buckets)
            world.spoil("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut'")
            return digests

    world.spoil("DELETE FROM pair")
    with closing(Cut(world.settings, application_name="cut")) as cut, pytest.raises(PlatformError):
        replace(world, landed=cut).verify()
