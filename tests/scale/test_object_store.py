"""Claims about reading the bucket, whatever its keys and sizes: on a real S3 server, and on one that has any key."""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import S3Store
from pydantic import SecretStr

from include.errors import ConfigurationError, CorpusError
from include.scale.model import MidiObject
from include.scale.object_store import Unavailable, delete_objects, fetch_objects, list_objects, open_bucket
from include.scale.s3_client import exact_client
from include.settings import ObjectStoreSettings
from tests.scale.any_key_server import AnyKeyServer, any_key_server
from tests.scale.conftest import Bucket
from tests.scale.servers import free_port, s3_server

MIB = 2**20
LIMIT = 16 * MIB
NEVER = timedelta(hours=1)
"""A patience that outlasts the test's time limit: what is retried at all is not told in time."""
SOON = timedelta(milliseconds=200)

KEYS_OF_RCLONE = (
    *(
        "a b",
        "it's",
        'say "x"',
        "line\nbreak",
        "\r",
        "tab\t",
        "%41",
        "100%",
        "a+b",
        "#1",
        "a?b",
        "a&b",
        "<b>&amp;",
        "a\\b",
    ),
    *(
        "em😀ji",
        "c\x01",
        "c\x7f",
        "e\u0301",
        "\u00e9",
        "u\ufffe",
        "v\uffff",
        " ",
        "~",
        "deep/er/é",
        "/".join(["n" * 249] * 4),
    ),
)
KEYS_OF_S3 = (
    *(*KEYS_OF_RCLONE, "/lead", "//lead", "trail/", "d//e", ".", "..", "./f", "g/../h", "/", "//", "a/..", "n" * 1024),
    *("?versionId=1", "%2e%2e/x", "<Code>NoSuchBucket</Code>", "line\n<Code>NoSuchBucket</Code>"),
)

_STORABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


@pytest.fixture(scope="module")
def lasting() -> Iterator[AnyKeyServer]:
    """A server that has any key, the same for many examples."""
    with any_key_server() as served:
        yield served


@pytest.fixture
def any_keys() -> Iterator[AnyKeyServer]:
    """A server that has any key."""
    with any_key_server() as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder on the disk that is the bucket `songs` of `on_disk`."""
    (tmp_path / "songs").mkdir()
    return tmp_path / "songs"


@pytest.fixture
def on_disk(folder: Path) -> Iterator[S3Store]:
    """A bucket that is filled and changed as files."""
    with s3_server(folder.parent) as settings:
        yield open_bucket(settings, "songs", NEVER)


def sparse(path: Path, size: int) -> None:
    """Make a file of zeros that takes no room."""
    path.touch()
    os.truncate(path, size)


def fetched(store: S3Store, objects: Iterable[MidiObject], limit: int = LIMIT) -> dict[str, bytes | Unavailable]:
    """Fetch objects, by key."""
    found = fetch_objects(store, objects, in_flight=4, object_bytes_limit=limit)
    return {listed.key: content for listed, content in found}


def contents(store: S3Store) -> dict[str, bytes | Unavailable]:
    """List and fetch the whole bucket, by key."""
    return fetched(store, list_objects(store, ""))


def test_odd_keys_come_back_exactly(bucket: Bucket) -> None:
    """What was put under a key is listed and fetched under that very key."""
    for key in KEYS_OF_RCLONE:
        exact_client(bucket.store).put_object(Bucket=bucket.name, Key=key, Body=repr(key).encode())
    assert contents(bucket.store) == {key: repr(key).encode() for key in KEYS_OF_RCLONE}


def test_every_key_that_s3_allows_comes_back_exactly(any_keys: AnyKeyServer) -> None:
    """So do keys that are no paths, over many pages of the listing."""
    any_keys.objects = {key.encode(): repr(key).encode() for key in KEYS_OF_S3}
    store = open_bucket(any_keys.settings, "songs", NEVER)
    assert contents(store) == {key: repr(key).encode() for key in KEYS_OF_S3}


@settings(max_examples=20)
@given(st.dictionaries(st.text(_STORABLE, min_size=1), st.binary()))
def test_any_text_is_a_key(lasting: AnyKeyServer, objects: dict[str, bytes]) -> None:
    """No Unicode text is changed, dropped or mistaken for another."""
    lasting.objects = {key.encode(): content for key, content in objects.items()}
    assert contents(open_bucket(lasting.settings, "songs", NEVER)) == objects


def test_pages_follow_each_other_without_loss(folder: Path, on_disk: S3Store) -> None:
    """Thousands of objects are listed once each."""
    for number in range(2_500):
        (folder / f"a +%41{number}").touch()
    keys = [listed.key for listed in list_objects(on_disk, "")]
    assert sorted(keys) == sorted(f"a +%41{number}" for number in range(2_500))


def test_a_prefix_is_a_folder(bucket: Bucket) -> None:
    """With or without its slash, it holds what is in it and no namesakes."""
    bucket.fill({"in/a": b"", "in/deep/b": b"", "in.mid": b"", "inner/c": b"", "out/in/d": b""})
    for prefix in ("in", "in/"):
        assert {listed.key for listed in list_objects(bucket.store, prefix)} == {"in/a", "in/deep/b"}


def test_an_empty_bucket_has_no_objects(bucket: Bucket) -> None:
    """It is no error here."""
    assert not list(list_objects(bucket.store, ""))
    assert not list(list_objects(bucket.store, "nothing/here"))


def test_a_name_that_is_not_utf8_is_told(folder: Path, on_disk: S3Store) -> None:
    """It could be neither stored nor asked for, so it is no object that is passed over."""
    (folder / os.fsdecode(b"caf\xe9.mid")).touch()
    with pytest.raises(CorpusError, match=r"s3://songs/: the key b'caf\\xe9.mid' is not valid UTF-8"):
        list(list_objects(on_disk, ""))


def test_a_key_with_nul_is_told(any_keys: AnyKeyServer) -> None:
    """PostgreSQL holds all characters but this one."""
    any_keys.objects = {b"a\0b": b""}
    with pytest.raises(CorpusError, match=r"'a\\x00b' holds a NUL"):
        list(list_objects(open_bucket(any_keys.settings, "songs", NEVER), ""))


def test_a_huge_object_is_not_fetched(folder: Path, on_disk: S3Store) -> None:
    """Its size in the listing is enough: it is too large even when there is nothing to fetch any more."""
    sparse(folder / "huge.mid", 200 * 10**6)
    (folder / "small.mid").write_bytes(b"small")
    objects = list(list_objects(on_disk, ""))
    (folder / "huge.mid").unlink()
    assert fetched(on_disk, objects) == {"huge.mid": Unavailable.TOO_LARGE, "small.mid": b"small"}


def test_the_limit_itself_is_not_too_large(bucket: Bucket) -> None:
    """The limit is the largest size that is fetched."""
    bucket.fill({"at": b"1234", "over": b"12345"})
    objects = list_objects(bucket.store, "")
    assert fetched(bucket.store, objects, limit=4) == {"at": b"1234", "over": Unavailable.TOO_LARGE}


def test_what_became_of_an_object_is_told(bucket: Bucket) -> None:
    """Vanished, changed, grown and emptied objects have their reasons, under odd keys too."""
    names = ("vanished", "changed", "grown", "filled", "same", "empty")
    keys = [name + end for name in names for end in ("", "\n")]
    put = exact_client(bucket.store).put_object
    for key in keys:
        put(Bucket=bucket.name, Key=key, Body=b"" if key.strip() in {"filled", "empty"} else b"1234")
    objects = list(list_objects(bucket.store, ""))
    for end in ("", "\n"):
        delete_objects(bucket.store, [f"vanished{end}"])
        put(Bucket=bucket.name, Key=f"changed{end}", Body=b"4321")
        put(Bucket=bucket.name, Key=f"grown{end}", Body=b"1234" * 100)
        put(Bucket=bucket.name, Key=f"filled{end}", Body=b"1")
    outcomes = (Unavailable.VANISHED, *[Unavailable.CHANGED] * 3, b"1234", b"")
    expected = dict(zip(names, outcomes, strict=True))
    assert fetched(bucket.store, objects) == {key: expected[key.strip()] for key in keys}


@pytest.mark.parametrize("key", ["song", "so\ng"])
def test_an_object_that_grew_is_not_read(any_keys: AnyKeyServer, key: str) -> None:
    """Its body is left alone even if its ETag is the same: this one would never come to its end."""
    any_keys.objects = {key.encode(): b"1234"}
    store = open_bucket(any_keys.settings, "songs", SOON)
    listed = list(list_objects(store, ""))
    any_keys.announced = {key.encode(): 10**12}
    assert fetched(store, listed) == {key: Unavailable.CHANGED}


@pytest.mark.parametrize("key", ["song", "so\ng"])
def test_an_archived_object_is_told(any_keys: AnyKeyServer, key: str) -> None:
    """A server that keeps the content elsewhere is no failure of the run."""
    any_keys.objects, any_keys.archived = {key.encode(): b"1234"}, {key.encode()}
    assert contents(open_bucket(any_keys.settings, "songs", NEVER)) == {key: Unavailable.ARCHIVED}


def test_a_wave_is_taken_before_the_next_is_fetched(folder: Path, on_disk: S3Store) -> None:
    """No more than 64 MiB are held: what is deleted while the first wave is taken has vanished in the second."""
    for number in range(6):
        sparse(folder / f"{number}", 15 * MIB)
    objects = sorted(list_objects(on_disk, ""), key=lambda listed: listed.key)
    taking = fetch_objects(on_disk, objects, in_flight=2, object_bytes_limit=LIMIT)
    assert next(taking) == (objects[0], bytes(15 * MIB))
    delete_objects(on_disk, [listed.key for listed in objects])
    rest = list(taking)
    assert [listed for listed, _ in rest] == objects[1:]
    assert [content == bytes(15 * MIB) for _, content in rest] == [True] * 3 + [False] * 2
    assert [content for _, content in rest[3:]] == [Unavailable.VANISHED] * 2


def test_too_large_objects_keep_their_places(any_keys: AnyKeyServer) -> None:
    """Results come in the objects' order, and only what is small enough is asked for."""
    any_keys.objects = {b"a": b"1", b"b": b"12345", b"c": b"123"}
    store = open_bucket(any_keys.settings, "songs", NEVER)
    found = fetch_objects(store, list(list_objects(store, "")), in_flight=1, object_bytes_limit=4)
    assert [content for _, content in found] == [b"1", Unavailable.TOO_LARGE, b"123"]
    assert any_keys.got == [b"a", b"c"]


def test_a_missing_bucket_is_told_at_once(bucket: Bucket) -> None:
    """It is named with what to do, and it is not that all its objects have vanished."""
    store = open_bucket(bucket.settings, "nowhere", NEVER)
    with pytest.raises(CorpusError, match=r"s3://nowhere/in/: cannot be listed: NoSuchBucket: .* Create it"):
        list(list_objects(store, "in"))
    for key in ("song", "so\ng"):
        with pytest.raises(CorpusError, match=r"s3://nowhere: the key 'so.* NoSuchBucket: .* Create it"):
            fetched(store, [MidiObject(key=key, etag="", size=0)])


@pytest.mark.parametrize(
    ("field", "said"), [("secret_access_key", "SignatureDoesNotMatch"), ("access_key_id", "InvalidAccessKeyId")]
)
def test_wrong_credentials_are_told_at_once(bucket: Bucket, field: str, said: str) -> None:
    """Bucket, refusal and variables are named, secrets are not."""
    wrong = bucket.settings.model_copy(update={field: SecretStr("sesame") if "secret" in field else "sesame"})
    store = open_bucket(wrong, bucket.name, NEVER)
    for read in (lambda: list(list_objects(store, "")), *(_get(store, key) for key in ("song", "so\ng"))):
        with pytest.raises(CorpusError, match=rf"s3://songs.*{said}.*SCALE_S3_SECRET_ACCESS_KEY") as refusal:
            read()
        assert "sesame" not in str(refusal.value)
        assert bucket.settings.secret_access_key.get_secret_value() not in str(refusal.value)


def test_a_server_that_stays_away_is_told() -> None:
    """Bucket, address, patience and variable are named."""
    endpoint = f"http://127.0.0.1:{free_port()}"
    away = ObjectStoreSettings(endpoint=endpoint, access_key_id="id", secret_access_key=SecretStr("sesame"))
    store = open_bucket(away, "songs", SOON)
    for read in (lambda: list(list_objects(store, "")), *(_get(store, key) for key in ("song", "so\ng"))):
        with pytest.raises(CorpusError, match=rf"s3://songs.* at {endpoint}, asked for 0.2 s: .*SCALE_S3_ENDPOINT"):
            read()


@pytest.mark.parametrize("endpoint", ["", "nonsense", "127.0.0.1:9000", "s3://songs", "http://", "http://a b"])
def test_an_endpoint_that_is_no_address_is_told(endpoint: str) -> None:
    """It is found before anything is asked for."""
    wrong = ObjectStoreSettings(endpoint=endpoint, access_key_id="id", secret_access_key=SecretStr("sesame"))
    with pytest.raises(ConfigurationError, match="SCALE_S3_ENDPOINT"):
        open_bucket(wrong, "songs", NEVER)


@pytest.mark.parametrize("name", ["", "my songs", "songs/in", "s3://songs", "sängs", "songs\n"])
def test_a_bucket_that_is_no_name_is_told(any_keys: AnyKeyServer, name: str) -> None:
    """It is found before anything is asked for."""
    with pytest.raises(ConfigurationError, match="not a bucket's name"):
        open_bucket(any_keys.settings, name, NEVER)


@pytest.mark.parametrize("key", ["song", "so\ng"])
def test_a_passing_trouble_is_waited_for(any_keys: AnyKeyServer, key: str) -> None:
    """A busy server and a cut connection are asked again."""
    any_keys.objects = {key.encode(): b"1234"}
    store = open_bucket(any_keys.settings, "songs", NEVER)
    any_keys.troubles = [503, 0, 500]
    objects = list(list_objects(store, ""))
    any_keys.troubles = [503, 0, 500]
    assert fetched(store, objects) == {key: b"1234"}


def test_a_trouble_that_stays_is_told(any_keys: AnyKeyServer) -> None:
    """The server's own words are given."""
    any_keys.troubles = [503] * 1000
    with pytest.raises(CorpusError, match=r"cannot be listed: .* answers SlowDown: Reduce your rate"):
        list(list_objects(open_bucket(any_keys.settings, "songs", SOON), ""))


@pytest.mark.parametrize("key", ["a", "line\nbreak"])
def test_a_silence_is_given_up_long_before_the_patience_is(any_keys: AnyKeyServer, key: str) -> None:
    """A request that nobody answers is sent again: the server may have forgotten it."""
    any_keys.objects = {key.encode(): b"content"}
    store = open_bucket(any_keys.settings, "songs", timedelta(seconds=10))
    listed = list(list_objects(store, ""))
    any_keys.silent = 1
    assert fetched(store, listed) == {key: b"content"}


def test_objects_of_any_key_are_deleted(bucket: Bucket) -> None:
    """Only those that are named, and those that are gone are no error."""
    for key in (*KEYS_OF_RCLONE, "kept"):
        exact_client(bucket.store).put_object(Bucket=bucket.name, Key=key, Body=b"1")
    delete_objects(bucket.store, [*KEYS_OF_RCLONE, "gone", "go\nne"])
    assert [listed.key for listed in list_objects(bucket.store, "")] == ["kept"]
    delete_objects(bucket.store, [])


def _get(store: S3Store, key: str) -> Callable[[], object]:
    return lambda: fetched(store, [MidiObject(key=key, etag="", size=0)])
