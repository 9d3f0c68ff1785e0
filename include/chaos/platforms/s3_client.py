"""A boto3 client of an S3 server, and its errors in our words; boto3 is imported when a client is first made."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from include.errors import PlatformError
from include.settings import ObjectStoreSettings

if TYPE_CHECKING:
    from botocore.client import BaseClient


def client_of(settings: ObjectStoreSettings, *, timeout: float) -> "BaseClient":
    """Give a client that asks once; those of the same server are shared, for each costs half a second to make."""
    secret = settings.secret_access_key.get_secret_value()
    return _cached_client(settings.endpoint, settings.access_key_id, secret, settings.region, timeout)


def ask(what: str, question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask; raise `PlatformError` naming what was asked for when there is no answer, or an error for one."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return question()
    except ClientError as error:
        said = error.response["Error"]
        raise PlatformError(f"{what}: the object store answers {said['Code']}: {said.get('Message', '')}") from error
    except (BotoCoreError, ValueError) as error:
        raise PlatformError(f"{what}: {' '.join(str(error).split())}") from error


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
            response_checksum_validation="when_required",  # not all S3 servers give checksums
            connect_timeout=timeout,
            read_timeout=timeout,
        ),
    )
