"""The bucket: listing it page by page, and fetching many objects at a time, whatever their keys and sizes."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from enum import StrEnum
from functools import partial
from urllib.parse import unquote_plus, unquote_to_bytes

import obstore
from botocore.exceptions import BotoCoreError, ClientError
from obstore.exceptions import BaseError
from obstore.store import S3Store

from include.errors import ConfigurationError, ContradictionError, CorpusError
from include.scale.model import MidiObject
from include.scale.object_truth import contradiction, require_listed_content, require_unlisted
from include.scale.s3_client import (
    NO_BUCKET,
    WHERE_SET,
    code_of,
    exact_client,
    failure,
    longest_silence,
    patiently,
    status_of,
    until_consistent,
)
from include.settings import ObjectStoreSettings

_WAVE_BYTES = 64 * 2**20
"""What one call of `fetch_objects` holds at most, unless a single object is larger."""
_GONE = 404
_BREAKS_OFF = "its content breaks off before the end that was announced"
_FAILURES = (BaseError, BotoCoreError, ClientError, OSError)


class Unavailable(StrEnum):
    """Why an object of the manifest gave no content."""

    VANISHED = "the object vanished after the manifest was frozen"
    CHANGED = "the object changed after the manifest was frozen"
    TOO_LARGE = "the object is larger than the size limit"
    ARCHIVED = "the object is archived: the server lists it, but does not give its content"


def open_bucket(settings: ObjectStoreSettings, bucket: str, patience: timedelta) -> S3Store:
    """Give a client of one bucket that retries for as long as `patience`; nothing is asked of the server yet.

    Raises `ConfigurationError` for an address or a name that is none: obstore would abort on it when it is asked.
    """
    if not re.fullmatch(r"https?://[^/\s]\S*", settings.endpoint):
        raise ConfigurationError(
            f"{settings.endpoint!r}: not the address of an S3 server. "
            f"Set SCALE_S3_ENDPOINT {WHERE_SET} to one like http://127.0.0.1:9000."
        )
    if not re.fullmatch(r"[\w.-]{1,255}", bucket, re.ASCII):
        raise ConfigurationError(f"{bucket!r}: not a bucket's name. Correct the bucket of the run.")
    return S3Store(
        bucket,
        endpoint=settings.endpoint,
        access_key_id=settings.access_key_id,
        secret_access_key=settings.secret_access_key.get_secret_value(),
        region=settings.region,
        virtual_hosted_style_request=False,
        # By default only a whole request is limited, and that to 30 s: one silence could use up all patience.
        client_options={"allow_http": True, "read_timeout": longest_silence(patience)},
        retry_config={
            "max_retries": 1000,
            "retry_timeout": patience,
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=2),
                "base": 2,
            },
        },
    )


def list_objects(store: S3Store, prefix: str) -> Iterator[MidiObject]:
    """List the objects under a folder-like prefix, in the server's order; raise `CorpusError` if it cannot be.

    By boto3: obstore fails the whole listing for one key with a newline, and takes the slashes off either end of keys.
    """
    folder = f"{prefix.removesuffix('/')}/" if prefix else ""
    place = f"s3://{store.config['bucket']}/{folder}"
    # Keys come percent-encoded, as XML cannot hold all characters, and are decoded here: botocore replaces wrong bytes.
    asked = {"Bucket": store.config["bucket"], "Prefix": folder, "EncodingType": "url"}
    while True:
        try:
            page = patiently(store, partial(exact_client(store).list_objects_v2, **asked))
        except _FAILURES as error:
            raise failure(store, f"{place}: cannot be listed", error) from error
        for entry in page.get("Contents", ()):
            key = _decoded(entry["Key"], place) if page.get("EncodingType") == "url" else entry["Key"]
            yield MidiObject(key=key, etag=bare_etag(entry.get("ETag")), size=entry["Size"])
        if not page["IsTruncated"]:
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


def fetch_objects(
    store: S3Store,
    objects: Iterable[MidiObject],
    *,
    in_flight: int,
    object_bytes_limit: int,
    etags_are_digests: bool = True,
) -> Iterator[tuple[MidiObject, bytes | Unavailable]]:
    """GET the objects as they were listed, `in_flight` at a time, in their order.

    Goes in waves: what is fetched next waits until all of a wave has been taken. Empty objects are fetched too, so that
    a change is noticed. Raises `CorpusError` when the server refuses, or stays away for longer than the patience, or
    contradicts itself for so long.
    """
    for wave in _waves(objects, object_bytes_limit):
        fetching = _fetch_wave(store, wave, in_flight, object_bytes_limit, etags_are_digests=etags_are_digests)
        yield from zip(wave, asyncio.run(fetching), strict=True)


def delete_objects(store: S3Store, keys: Iterable[str]) -> None:
    """Delete objects, those gone already too; raise `CorpusError` if the server refuses or stays away."""
    bucket = store.config["bucket"]
    plain: list[str] = []
    try:
        for key in keys:
            if _is_plain(key):
                plain.append(key)
            else:
                patiently(store, partial(exact_client(store).delete_object, Bucket=bucket, Key=key))
        obstore.delete(store, plain)
    except _FAILURES as error:
        raise failure(store, f"s3://{bucket}: objects cannot be deleted", error) from error


def bare_etag(etag: str | None) -> str:
    """Strip the quotes that servers put around an ETag in headers, but not all in listings."""
    return (etag or "").strip('"')


def _waves(objects: Iterable[MidiObject], object_bytes_limit: int) -> Iterator[list[MidiObject]]:
    """Cut a sequence of objects so that what is fetched of each piece fits in memory."""
    wave: list[MidiObject] = []
    held = 0
    for listed in objects:
        size = listed.size if listed.size <= object_bytes_limit else 0
        if wave and held + size > _WAVE_BYTES:
            yield wave
            wave, held = [], 0
        wave.append(listed)
        held += size
    if wave:
        yield wave


async def _fetch_wave(
    store: S3Store, wave: list[MidiObject], in_flight: int, object_bytes_limit: int, *, etags_are_digests: bool
) -> list[bytes | Unavailable]:
    slots = asyncio.Semaphore(in_flight)

    async def fetch(listed: MidiObject) -> bytes | Unavailable:
        if listed.size > object_bytes_limit:
            return Unavailable.TOO_LARGE
        async with slots:
            ask = partial(_fetch_once, store, listed, etags_are_digests=etags_are_digests)
            try:
                return await ask()
            except ContradictionError:  # only then, for arranging to ask again costs a good part of a GET
                return await until_consistent(store)(ask)

    return await asyncio.gather(*(fetch(listed) for listed in wave))


async def _fetch_once(store: S3Store, listed: MidiObject, *, etags_are_digests: bool) -> bytes | Unavailable:
    """Fetch, and believe nothing that the server itself contradicts: raise `ContradictionError` then."""
    found = await _try_to_get(store, listed)
    if found in {Unavailable.VANISHED, Unavailable.CHANGED}:
        await asyncio.to_thread(require_unlisted, store, listed, str(found))
    if isinstance(found, bytes) and etags_are_digests:
        require_listed_content(store, listed, found)
    return found


async def _try_to_get(store: S3Store, listed: MidiObject) -> bytes | Unavailable:
    try:
        if _is_plain(listed.key):
            return await _get(store, listed)
        return await asyncio.to_thread(patiently, store, partial(_get_exactly, store, listed))
    except _FAILURES as error:
        return _unavailable(store, listed, error)


async def _get(store: S3Store, listed: MidiObject) -> bytes | Unavailable:
    found = await obstore.get_async(store, listed.key)
    # Compared before the body is read, so that never more is read than was listed; and compared here, not asked for
    # with If-Match, which S3 servers exist that ignore.
    if (bare_etag(found.meta["e_tag"]), found.meta["size"]) != (listed.etag, listed.size):
        return Unavailable.CHANGED
    try:
        return bytes(await found.bytes_async())
    except BaseError as error:
        raise contradiction(store, listed, _BREAKS_OFF) from error


def _get_exactly(store: S3Store, listed: MidiObject) -> bytes | Unavailable:
    """Do the same for any key, at many times the CPU."""
    found = exact_client(store).get_object(Bucket=store.config["bucket"], Key=listed.key)
    with closing(found["Body"]) as body:  # as a context itself it gives the raw stream, with errors of its own
        if (bare_etag(found.get("ETag")), found["ContentLength"]) != (listed.etag, listed.size):
            return Unavailable.CHANGED
        try:
            content: bytes = body.read()
        except BotoCoreError as error:
            raise contradiction(store, listed, _BREAKS_OFF) from error
        return content


def _is_plain(key: str) -> bool:
    """Tell whether obstore can name the key: it takes keys for paths, without control characters and odd segments."""
    return not re.search(r"[\x00-\x1f\x7f\ufffe\uffff]", key) and {"", ".", ".."}.isdisjoint(key.split("/"))


def _decoded(written: str, place: str) -> str:
    """Decode a listed key; raise `CorpusError` for one that neither S3 allows nor the warehouse can hold."""
    try:
        key = unquote_plus(written, errors="strict")
    except UnicodeDecodeError as error:
        raw = unquote_to_bytes(written.replace("+", " "))
        raise CorpusError(f"{place}: the key {raw!r} is not valid UTF-8. Rename that object.") from error
    if "\0" in key:
        raise CorpusError(f"{place}: the key {key!r} holds a NUL, which PostgreSQL cannot store. Rename that object.")
    return key


def _unavailable(store: S3Store, listed: MidiObject, error: Exception) -> Unavailable:
    """Say why there is no content, or raise `CorpusError` if that is no property of the object."""
    code = code_of(error)
    if code == "InvalidObjectState":
        return Unavailable.ARCHIVED
    if code != NO_BUCKET and (isinstance(error, FileNotFoundError) or status_of(error) == _GONE):
        return Unavailable.VANISHED
    raise failure(store, f"s3://{store.config['bucket']}: the key {listed.key!r} cannot be fetched", error) from error
