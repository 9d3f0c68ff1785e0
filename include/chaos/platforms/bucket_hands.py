"""Put and delete objects in the lab's S3 server itself, past the gate, so that no rule of ours stands in the way."""

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from include.chaos.model import Component, TargetInstance
from include.chaos.platforms.addresses import LOOPBACK
from include.chaos.platforms.local_processes import LocalProcesses
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.chaos.platforms.s3_client import ask, client_of
from include.errors import PlatformError
from include.settings import ObjectStoreSettings

if TYPE_CHECKING:
    from botocore.client import BaseClient

_ANSWER_SECONDS = 10.0
_RESTART_SECONDS = 15.0
"""How long a server is waited for that is just being started again."""
_POLL_SECONDS = 0.1


class BucketHands:
    """Acts with the credentials of the environment."""

    def __init__(self, supervisor: LocalSupervisor, settings: ObjectStoreSettings) -> None:
        """Find the server among the lab's components."""
        self._processes = LocalProcesses(supervisor)
        (server,) = (it for it in supervisor.site.components if it.component == Component.OBJECT_STORE)
        self._settings = settings.model_copy(update={"endpoint": f"http://{LOOPBACK}:{server.port}"})

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        """Give the S3 server with the process that it has now; raise `PlatformError` when it has none."""
        return self._processes.resolve_again(instance)

    def is_running(self, instance: TargetInstance) -> bool:
        """Tell whether the S3 server itself runs."""
        return self._processes.is_running(instance)

    def put_object(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object, or replace the one that is there."""
        client = self._client()
        _ask(f"{bucket}/{key}", partial(client.put_object, Bucket=bucket, Key=key, Body=content))

    def delete_objects(self, bucket: str, keys: Sequence[str]) -> None:
        """Delete objects; those that are gone already are no error."""
        client = self._client()
        for key in keys:
            _ask(f"{bucket}/{key}", partial(client.delete_object, Bucket=bucket, Key=key))

    def count_objects(self, bucket: str, prefix: str, limit: int) -> int:
        """List at most `limit` objects and count them."""
        return len(self._list(bucket, prefix, limit))

    def read_objects(self, bucket: str, prefix: str, limit: int) -> Sequence[bytes]:
        """Give the contents of the first objects that a listing shows."""
        return [self._read(bucket, entry["Key"]) for entry in self._list(bucket, prefix, limit)]

    def _list(self, bucket: str, prefix: str, limit: int) -> list[dict[str, Any]]:
        client = self._client()
        page = _ask(bucket, partial(client.list_objects_v2, Bucket=bucket, Prefix=prefix, MaxKeys=limit))
        return list(page.get("Contents", ()))

    def _read(self, bucket: str, key: str) -> bytes:
        client = self._client()

        def read() -> dict[str, Any]:
            with closing(client.get_object(Bucket=bucket, Key=key)["Body"]) as body:
                return {"content": body.read()}

        content: bytes = _ask(f"{bucket}/{key}", read)["content"]
        return content

    def _client(self) -> "BaseClient":
        return client_of(self._settings, timeout=_ANSWER_SECONDS)


def _ask(what: str, question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask again while nobody answers, for as long as a restart takes."""
    retrying = Retrying(
        retry=retry_if_exception(_is_silence),
        stop=stop_after_delay(_RESTART_SECONDS),
        wait=wait_fixed(_POLL_SECONDS),
        reraise=True,
    )
    return retrying(ask, what, question)


def _is_silence(error: BaseException) -> bool:
    from botocore.exceptions import BotoCoreError

    return isinstance(error, PlatformError) and isinstance(error.__cause__, BotoCoreError)
