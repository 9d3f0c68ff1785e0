"""Whether what an S3 server gives agrees with what it lists. Where it does not, the server is wrong, not the object."""

import hashlib
import re
from functools import partial

from obstore.store import S3Store

from include.errors import ContradictionError
from include.scale.model import MidiObject
from include.scale.s3_client import exact_client, patiently

_MD5 = re.compile("[0-9a-fA-F]{32}")


def require_listed_content(store: S3Store, listed: MidiObject, content: bytes) -> None:
    """Raise `ContradictionError` unless the content is what its ETag says.

    The ETag of what was put in one piece is the content's MD5; of what was put in parts, or encrypted with a key of
    the customer's, it is not, and says nothing.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    if not _MD5.fullmatch(listed.etag):
        return
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != listed.etag.lower() and not _is_encrypted(store, listed.key):
        raise contradiction(
            store,
            listed,
            f"its {len(content)} bytes have the MD5 {found}, and its ETag says {listed.etag}. "
            "If this server's ETags are no digests, set SCALE_ETAGS_ARE_DIGESTS to false",
        )


def require_unlisted(store: S3Store, listed: MidiObject, said: str) -> None:
    """Raise `ContradictionError` if the server still lists an object of which it says that it is gone, or another."""
    ask = partial(exact_client(store).list_objects_v2, Bucket=store.config["bucket"], Prefix=listed.key)
    for entry in patiently(store, ask).get("Contents", ()):
        if (entry["Key"], entry.get("ETag", "").strip('"'), entry["Size"]) == (listed.key, listed.etag, listed.size):
            raise contradiction(store, listed, f"{said}, but the server lists it as before")


def contradiction(store: S3Store, listed: MidiObject, said: str) -> ContradictionError:
    """Name the object and what is wrong with it."""
    return ContradictionError(f"s3://{store.config['bucket']}: the key {listed.key!r}: {said}.")


def _is_encrypted(store: S3Store, key: str) -> bool:
    ask = partial(exact_client(store).head_object, Bucket=store.config["bucket"], Key=key)
    answer = patiently(store, ask)
    return "SSECustomerAlgorithm" in answer or str(answer.get("ServerSideEncryption", "")).startswith("aws:kms")
