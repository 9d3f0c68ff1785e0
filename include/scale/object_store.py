"""Reading the bucket: listing it page by page, and fetching many objects at a time."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import StrEnum

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from include.errors import CorpusError
from include.scale.model import MidiObject
from include.settings import ObjectStoreSettings

_PAGE = 1000


class Unavailable(StrEnum):
    """Why an object of the manifest gave no content."""

    VANISHED = "the object vanished after the manifest was frozen"
    CHANGED = "the object changed after the manifest was frozen"


def open_bucket(settings: ObjectStoreSettings, bucket: str, patience: timedelta) -> S3Store:
    """Give a client of one bucket that retries for as long as `patience`."""
    return S3Store(
        bucket,
        endpoint=settings.endpoint,
        access_key_id=settings.access_key_id,
        secret_access_key=settings.secret_access_key.get_secret_value(),
        region=settings.region,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
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
    """List the objects under a folder-like prefix in the order of their keys; raise `CorpusError` if it cannot be."""
    try:
        for page in obstore.list(store, prefix or None, chunk_size=_PAGE):
            for meta in page:
                yield MidiObject(key=meta["path"], etag=bare_etag(meta["e_tag"]), size=meta["size"])
    except (BaseError, OSError) as error:
        reason = " ".join(str(error).partition("Debug source")[0].split())
        raise CorpusError(f"s3://{store.config.get('bucket', '?')}/{prefix}: cannot be listed: {reason}") from error


def fetch_objects(store: S3Store, objects: Sequence[MidiObject], in_flight: int) -> list[bytes | Unavailable]:
    """GET the objects as they were listed, `in_flight` at a time, in their order."""

    async def fetch_all() -> list[bytes | Unavailable]:
        slots = asyncio.Semaphore(in_flight)
        return await asyncio.gather(*(_fetch(store, listed, slots) for listed in objects))

    return asyncio.run(fetch_all())


async def _fetch(store: S3Store, listed: MidiObject, slots: asyncio.Semaphore) -> bytes | Unavailable:
    async with slots:
        try:
            found = await obstore.get_async(store, listed.key)
            content = bytes(await found.bytes_async())
        except FileNotFoundError:
            return Unavailable.VANISHED
    # Compared here and not asked for with If-Match, which S3 servers exist that ignore.
    return content if bare_etag(found.meta["e_tag"]) == listed.etag else Unavailable.CHANGED


def bare_etag(etag: str | None) -> str:
    """Strip the quotes that servers put around an ETag in headers, but not all in listings."""
    return (etag or "").strip('"')
