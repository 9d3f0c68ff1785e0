"""Claims about a server that gives something else than it lists: nothing wrong is read, nothing good given up."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from include.errors import ContradictionError
from include.object_gate.rules import ChangedObject, CorruptObject, Effect, MissingObject, Rule, TruncatedBody
from include.scale.model import MidiObject
from include.scale.object_store import Unavailable, fetch_objects, list_objects, open_bucket
from include.scale.s3_client import exact_client
from include.settings import ObjectStoreSettings
from tests.object_gate.gates import RunningGate, gate_before
from tests.scale.any_key_server import any_key_server
from tests.scale.conftest import Bucket

NEVER = timedelta(hours=1)
SOON = timedelta(milliseconds=300)
CONTENT = bytes(range(256)) * 20
WRONG_DIGEST = "0" * 32

LIES = {
    "content breaks off": TruncatedBody(keep=0.5),
    "ETag says": CorruptObject(flips=1),
    "vanished .* lists it as before": MissingObject(),
    "changed .* lists it as before": ChangedObject(),
}
every_lie = pytest.mark.parametrize(
    ("said", "lie"), list(LIES.items()), ids=[type(lie).__name__ for lie in LIES.values()]
)
every_kind_of_key = pytest.mark.parametrize("key", ["song", "so\ng"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Liar:
    """A real server behind a gate that lies about it."""

    gate: RunningGate
    settings: ObjectStoreSettings
    bucket: Bucket

    def listing(self, key: str) -> list[MidiObject]:
        """Put an object, and list it."""
        exact_client(self.bucket.store).put_object(Bucket=self.bucket.name, Key=key, Body=CONTENT)
        return list(list_objects(self.bucket.store, ""))

    def fetch(self, listed: list[MidiObject], patience: timedelta, **chosen: bool) -> list[bytes | Unavailable]:
        """Fetch through the gate."""
        store = open_bucket(self.settings, self.bucket.name, patience)
        found = fetch_objects(store, listed, in_flight=4, object_bytes_limit=2**20, **chosen)
        return [content for _, content in found]


@pytest.fixture
def liar(bucket: Bucket) -> Iterator[Liar]:
    """A server of one's own that lies as it is told to."""
    with gate_before(bucket.settings.endpoint) as gate:
        yield Liar(gate=gate, settings=bucket.settings.model_copy(update={"endpoint": gate.url}), bucket=bucket)


@every_lie
@every_kind_of_key
def test_what_contradicts_the_listing_is_never_taken(liar: Liar, said: str, lie: Effect, key: str) -> None:
    """It is neither read nor quarantined: the run fails with the key, and consumers keep what they have."""
    listed = liar.listing(key)
    liar.gate.put("lie", Rule(bucket=liar.bucket.name, effect=lie))
    with pytest.raises(ContradictionError, match=said) as refusal:
        liar.fetch(listed, SOON)
    assert repr(key) in str(refusal.value)


@every_lie
@every_kind_of_key
def test_a_contradiction_that_passes_is_waited_for(liar: Liar, said: str, lie: Effect, key: str) -> None:
    """When the server is itself again, the object is read as it is."""
    listed = liar.listing(key)
    liar.gate.put("lie", Rule(bucket=liar.bucket.name, effect=lie, expires_at=time.time() + 1))
    assert liar.fetch(listed, NEVER) == [CONTENT]


def test_servers_exist_whose_etags_are_no_digests(liar: Liar) -> None:
    """For these the check can be turned off."""
    listed = liar.listing("song")
    liar.gate.put("lie", Rule(bucket=liar.bucket.name, effect=CorruptObject(flips=1)))
    (content,) = liar.fetch(listed, NEVER, etags_are_digests=False)
    assert isinstance(content, bytes)
    assert content != CONTENT


@pytest.mark.parametrize(
    ("etag", "headers"),
    [
        (WRONG_DIGEST, {"x-amz-server-side-encryption": "aws:kms"}),
        (WRONG_DIGEST, {"x-amz-server-side-encryption": "aws:kms:dsse"}),
        (WRONG_DIGEST, {"x-amz-server-side-encryption-customer-algorithm": "AES256"}),
        (f"{WRONG_DIGEST}-2", {}),
    ],
)
@every_kind_of_key
def test_an_etag_that_is_no_digest_says_nothing(etag: str, headers: dict[str, str], key: str) -> None:
    """Objects that were put in parts, or that S3 encrypts with a customer's key, have such ETags."""
    with any_key_server() as served:
        served.objects, served.etag, served.headers = {key.encode(): CONTENT}, etag, headers
        store = open_bucket(served.settings, "songs", SOON)
        (found,) = fetch_objects(store, list_objects(store, ""), in_flight=1, object_bytes_limit=2**20)
    assert found[1] == CONTENT
