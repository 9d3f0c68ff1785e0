"""The scenes of faults of the object store and of what lies in it: a real S3 server behind a real gate."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from include.chaos.faults.abilities import BucketWriter
from include.chaos.faults.base import FaultKind
from include.chaos.faults.duplicate_content import DuplicateContent
from include.chaos.faults.empty_object import EmptyObject
from include.chaos.faults.late_arrival import LateArrival
from include.chaos.faults.malformed_midi import MalformedMidi
from include.chaos.faults.oversized_object import OversizedObject
from include.chaos.faults.s3_changed_object import S3ChangedObject
from include.chaos.faults.s3_corrupt_object import S3CorruptObject
from include.chaos.faults.s3_error import S3Error
from include.chaos.faults.s3_latency import S3Latency
from include.chaos.faults.s3_missing_object import S3MissingObject
from include.chaos.faults.s3_stale_listing import S3StaleListing
from include.chaos.faults.s3_truncated_body import S3TruncatedBody
from include.chaos.model import Component
from include.chaos.platforms.bucket_hands import BucketHands
from include.chaos.platforms.local_processes import LocalProcesses
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.chaos.platforms.object_gate import ObjectGate
from include.lab.plan import BUCKET, Plan
from include.lab.supervision import Supervisor
from include.scale.object_store import bare_etag, open_bucket
from include.scale.s3_client import exact_client
from tests.chaos.faults.scene import Case, Scene, SmallLab
from tests.waiting import await_

KEY = "in/a song.mid"
CONTENT = bytes(range(256)) * 100
SLOW = timedelta(milliseconds=500)
STOP_SECONDS = 20.0


class Consumer:
    """Reads the bucket as the pipeline does: through the gate, and once."""

    def __init__(self, plan: Plan) -> None:
        self.client = exact_client(open_bucket(plan.object_store(), BUCKET, timedelta()))

    def listed(self) -> dict[str, str]:
        """Give the keys with their ETags."""
        page = self.client.list_objects_v2(Bucket=BUCKET)
        return {entry["Key"]: bare_etag(entry["ETag"]) for entry in page.get("Contents", ())}

    def read(self) -> tuple[str, bytes]:
        """Give the ETag and content of the one object that is always there."""
        found = self.client.get_object(Bucket=BUCKET, Key=KEY)
        return bare_etag(found["ETag"]), found["Body"].read()


def refused_with(code: str, ask: Callable[[], object]) -> bool:
    """Tell whether the answer is that error."""
    try:
        ask()
    except ClientError as error:
        return bool(error.response["Error"]["Code"] == code)
    return False


def is_cut(ask: Callable[[], object]) -> bool:
    """Tell whether the body ends too early."""
    try:
        ask()
    except BotoCoreError:
        return True
    return False


def is_slow(ask: Callable[[], object]) -> bool:
    """Tell whether the answer takes as long as the fault says, at least."""
    started = time.monotonic()
    ask()
    return time.monotonic() - started >= SLOW.total_seconds()


def shows_another(consumer: Consumer, *, same_etag: bool) -> bool:
    """Tell whether the object has another content than it should, with the ETag that is listed or with another."""
    etag, content = consumer.read()
    return content != CONTENT and (etag == consumer.listed()[KEY]) is same_etag


def is_unlisted(consumer: Consumer) -> bool:
    """Tell whether the object is there, and not listed."""
    return KEY not in consumer.listed() and consumer.read()[1] == CONTENT


def is_lost(consumer: Consumer) -> bool:
    """Tell whether the object is listed, and not there."""
    return KEY in consumer.listed() and refused_with("NoSuchKey", consumer.read)


def is_whole(plan: Plan, consumer: Consumer) -> bool:
    """Tell whether the bucket holds the one object, as it is, and the gate no rule."""
    gate = plan.object_gate()
    bearer = {"Authorization": f"Bearer {gate.token.get_secret_value()}"}
    try:
        etag, content = consumer.read()
        return (
            content == CONTENT
            and consumer.listed() == {KEY: etag}
            and httpx.get(f"{gate.url}/rules", headers=bearer, trust_env=False).json() == []
        )
    except (BotoCoreError, ClientError, httpx.HTTPError):
        return False


def bucket_hands(plan: Plan) -> BucketHands:
    """Reach the server itself."""
    return BucketHands(LocalSupervisor(plan.site()), plan.object_store())


@contextmanager
def on_object_store(fault: FaultKind[Any], lab: SmallLab, is_struck: Callable[[Consumer], bool]) -> Iterator[Scene]:
    """Strike a server that holds one object."""
    plan = lab.lab.plan()
    supervisor, hands = plan.supervisor(), bucket_hands(plan)
    ability = hands if fault.ability() is BucketWriter else object_gate(plan)
    hands.put_object(BUCKET, KEY, CONTENT)
    consumer = Consumer(plan)
    await_(lambda: is_whole(plan, consumer), "the object store to answer")
    instance = lab.only(Component.OBJECT_STORE)
    yield Scene(
        fault=fault,
        instance=instance,
        ability=ability,
        is_struck=lambda: is_struck(consumer),
        is_whole=lambda: is_whole(plan, consumer),
        remove=lambda: supervisor.stop(["object_store"], within=STOP_SECONDS),
        restore=lambda: supervisor.start("object_store"),
        replace=lambda: restart(supervisor),
    )


def object_gate(plan: Plan) -> ObjectGate:
    """Reach the gate's rules."""
    return ObjectGate(LocalProcesses(LocalSupervisor(plan.site())), plan.object_gate())


def restart(supervisor: Supervisor) -> None:
    """Have another process take the server's place, without the pauses that a supervisor makes after deaths."""
    supervisor.stop(["object_store"], within=STOP_SECONDS)
    supervisor.start("object_store")


def scene_of(fault: FaultKind[Any], is_struck: Callable[[Consumer], bool]) -> Case:
    """Make a case of a fault and of eyes for it."""

    def case(lab: SmallLab) -> AbstractContextManager[Scene]:
        return on_object_store(fault, lab, is_struck)

    return case


def adds(count: int) -> Callable[[Consumer], bool]:
    """Make eyes for so many objects more."""
    return lambda consumer: len(consumer.listed()) == 1 + count


IN_BUCKET = {"bucket": BUCKET, "prefix": "in/"}

CASES = {
    "s3_error": scene_of(S3Error(**IN_BUCKET), lambda it: refused_with("SlowDown", it.read)),
    "s3_latency": scene_of(S3Latency(**IN_BUCKET, delay=SLOW), lambda it: is_slow(it.read)),
    "s3_truncated_body": scene_of(S3TruncatedBody(**IN_BUCKET), lambda it: is_cut(it.read)),
    "s3_stale_listing": scene_of(S3StaleListing(**IN_BUCKET), is_unlisted),
    "s3_missing_object": scene_of(S3MissingObject(**IN_BUCKET), is_lost),
    "s3_changed_object": scene_of(S3ChangedObject(**IN_BUCKET), partial(shows_another, same_etag=False)),
    "s3_corrupt_object": scene_of(S3CorruptObject(**IN_BUCKET, flips=1), partial(shows_another, same_etag=True)),
    "malformed_midi": scene_of(MalformedMidi(**IN_BUCKET), adds(5)),
    "empty_object": scene_of(EmptyObject(**IN_BUCKET), adds(5)),
    "oversized_object": scene_of(OversizedObject(**IN_BUCKET, mebibytes=1), adds(1)),
    "duplicate_content": scene_of(DuplicateContent(**IN_BUCKET, count=3), adds(3)),
    "late_arrival": scene_of(LateArrival(**IN_BUCKET), adds(5)),
}
