"""Ask the object store for objects or for one page of a listing, without trying again: a look is a look."""

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from include.chaos.platforms.s3_client import ask, client_of
from include.errors import PlatformError
from include.settings import ObjectStoreSettings

if TYPE_CHECKING:
    from botocore.client import BaseClient

_MD5 = re.compile("[0-9a-f]{32}")


class S3Reader:
    """Reads the server that the environment names."""

    def object_size(self, bucket: str, key: str, timeout: float) -> int:
        """HEAD an object, give its bytes; raise `PlatformError` when it is not there or nobody answers in time."""
        client = _client(timeout)
        return int(ask(f"{bucket}/{key}", lambda: client.head_object(Bucket=bucket, Key=key))["ContentLength"])

    def count_objects(self, bucket: str, prefix: str, limit: int, timeout: float) -> int:
        """List at most `limit` objects and count them; raise `PlatformError` when that cannot be done in time."""
        return sum(1 for _ in _listed(_client(timeout), bucket, prefix, limit))

    def count_intact(self, bucket: str, prefix: str, limit: int, timeout: float) -> int:
        """List at most `limit` objects, and count those that can be read as they are listed.

        Raises `PlatformError` when nothing can be listed, or the objects not be read in time.
        """
        client, deadline = _client(timeout), time.monotonic() + timeout
        intact = 0
        for entry in _listed(client, bucket, prefix, limit):
            if time.monotonic() > deadline:
                raise PlatformError(f"{bucket}/{prefix}: the objects could not be read within {timeout:g} s")
            intact += _is_intact(client, bucket, entry)
        return intact


def _listed(client: "BaseClient", bucket: str, prefix: str, limit: int) -> Iterator[dict[str, Any]]:
    page = ask(bucket, lambda: client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=limit))
    yield from page.get("Contents", ())  # not every server gives `KeyCount`


def _is_intact(client: "BaseClient", bucket: str, entry: dict[str, Any]) -> bool:
    """Tell whether an object can be read whole, as it is listed, and is what its ETag says, where that is a digest."""

    def read() -> dict[str, Any]:
        found = client.get_object(Bucket=bucket, Key=entry["Key"])
        with closing(found["Body"]) as body:
            return {"etag": found["ETag"], "content": body.read()}

    try:
        found = ask(f"{bucket}/{entry['Key']}", read)
    except PlatformError:
        return False
    etag, content = found["etag"].strip('"'), found["content"]
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    listed = entry["ETag"].strip('"')
    return etag == listed and len(content) == entry["Size"] and (not _MD5.fullmatch(etag) or digest == etag)


def _client(timeout: float) -> "BaseClient":
    return client_of(ObjectStoreSettings.from_environment(), timeout=timeout)
