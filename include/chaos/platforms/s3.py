"""Ask the object store for one object or one page of a listing, without trying again: a look is a look.

boto3 is imported by the first look: an agent without such a probe does without its memory.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from include.errors import PlatformError
from include.settings import ObjectStoreSettings

if TYPE_CHECKING:
    from botocore.client import BaseClient


class S3Reader:
    """Reads the server that the environment names; clients are shared, for each costs half a second to make."""

    def object_size(self, bucket: str, key: str, timeout: float) -> int:
        """HEAD an object, give its bytes; raise `PlatformError` when it is not there or nobody answers in time."""
        client = _client(timeout)
        return int(_ask(f"{bucket}/{key}", lambda: client.head_object(Bucket=bucket, Key=key))["ContentLength"])

    def count_objects(self, bucket: str, prefix: str, limit: int, timeout: float) -> int:
        """List at most `limit` objects and count them; raise `PlatformError` when that cannot be done in time."""
        client = _client(timeout)
        page = _ask(bucket, lambda: client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=limit))
        return len(page.get("Contents", ()))  # not every server gives `KeyCount`


def _ask(what: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return ask()
    except ClientError as error:
        said = error.response["Error"]
        raise PlatformError(f"{what}: the object store answers {said['Code']}: {said.get('Message', '')}") from error
    except (BotoCoreError, ValueError) as error:
        raise PlatformError(f"{what}: {' '.join(str(error).split())}") from error


def _client(timeout: float) -> "BaseClient":
    settings = ObjectStoreSettings.from_environment()
    secret = settings.secret_access_key.get_secret_value()
    return _cached_client(settings.endpoint, settings.access_key_id, secret, settings.region, timeout)


@lru_cache(maxsize=8)
def _cached_client(endpoint: str, access_key_id: str, secret: str, region: str, timeout: float) -> "BaseClient":
    from boto3.session import Session
    from botocore.config import Config

    return Session().client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret,
        region_name=region,
        config=Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            connect_timeout=timeout,
            read_timeout=timeout,
        ),
    )
