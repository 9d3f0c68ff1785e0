"""Putting a corpus into the bucket, many objects at a time, so that a second time leaves the same bucket."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from pathlib import Path, PurePosixPath

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store, from_url

from include.errors import CorpusError
from include.scale.object_store import delete_objects, list_objects

_IN_FLIGHT = 32
_SONG_SUFFIXES = frozenset({".mid", ".midi", ".kar"})

Advance = Callable[[], None]
"""Called once for each object that has reached the bucket."""


def put_objects(store: S3Store, objects: Iterable[tuple[str, bytes]], advance: Advance) -> set[str]:
    """Put objects by key, replacing what is there; give the keys. Raises `CorpusError` when one cannot be put."""

    async def put(key: str, content: bytes) -> str:
        await obstore.put_async(store, key, content)
        advance()
        return key

    return _run(put(key, content) for key, content in objects)


def copy_objects(source: ObjectStore, keys: Iterable[str], store: S3Store, prefix: str, advance: Advance) -> set[str]:
    """Copy objects under a prefix, replacing what is there; give the new keys. Raises `CorpusError` like putting."""

    async def copy(key: str) -> str:
        found = await obstore.get_async(source, key)
        await obstore.put_async(store, prefix + key, await found.bytes_async())
        advance()
        return prefix + key

    return _run(copy(key) for key in keys)


def delete_others(store: S3Store, prefix: str, keep: set[str]) -> int:
    """Delete the objects under a prefix that are not to be kept; give their number."""
    others = [listed.key for listed in list_objects(store, prefix) if listed.key not in keep]
    delete_objects(store, others)
    return len(others)


def open_source(place: str) -> ObjectStore:
    """Open a folder, or `s3://bucket/prefix` with the AWS_* variables of the environment, to load songs from."""
    if place.startswith("s3://"):
        return from_url(place, client_options={"allow_http": True})
    folder = Path(place).resolve()
    if not folder.is_dir():
        raise CorpusError(f"{folder}: not a folder. Name a folder of MIDI files, or s3://bucket/prefix.")
    return LocalStore(folder)


def list_songs(source: ObjectStore) -> list[str]:
    """List the files named like songs, by path relative to the source; raise `CorpusError` when there are none."""
    try:
        paths = [meta["path"] for page in obstore.list(source, chunk_size=1000) for meta in page]
    except (BaseError, OSError) as error:
        raise CorpusError(f"the source of songs cannot be listed: {error}") from error
    songs = sorted(path for path in paths if PurePosixPath(path).suffix.lower() in _SONG_SUFFIXES)
    if not songs:
        raise CorpusError(f"no songs among {len(paths)} files: none ends in {', '.join(sorted(_SONG_SUFFIXES))}")
    return songs


def _run(jobs: Iterator[Coroutine[None, None, str]]) -> set[str]:
    """Run jobs until there are no more; each worker takes the next when it is free, so few are held at once."""

    async def work() -> list[str]:
        return [await job for job in jobs]

    async def work_together() -> set[str]:
        return {key for keys in await asyncio.gather(*(work() for _ in range(_IN_FLIGHT))) for key in keys}

    try:
        return asyncio.run(work_together())
    except (BaseError, OSError) as error:
        raise CorpusError(f"the corpus could not be put into the bucket: {error}") from error
