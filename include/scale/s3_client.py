"""Asking an S3 server by boto3, which can name every key, and saying what a server's errors mean."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import TypeVar

from boto3.session import Session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError
from obstore.exceptions import PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store
from tenacity import (
    AsyncRetrying,
    Retrying,
    retry_if_exception,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from include.errors import ContradictionError, CorpusError

T = TypeVar("T")

WHERE_SET = "(in Airflow: the connection scale_s3)"
NO_BUCKET = "NoSuchBucket"
_REFUSED = frozenset({401, 403})
_BUSY = frozenset({429, 500, 502, 503, 504})
_BETWEEN_TRIES = wait_random_exponential(multiplier=0.1, max=2)


def exact_client(store: S3Store) -> BaseClient:
    """Give a boto3 client of the store's server: slower than obstore, but it can name every key."""
    config = store.config
    silence = longest_silence(_patience(store)).total_seconds()
    key_id, secret = config["access_key_id"], config["secret_access_key"]
    return _cached_client(config["endpoint"], key_id, secret, config["region"], silence)


def longest_silence(patience: timedelta) -> timedelta:
    """Say how long a server may be silent in the middle of a request: one silence must not use up all patience."""
    return max(patience / 5, timedelta(seconds=1))


@lru_cache(maxsize=4)
def _cached_client(
    endpoint: str, access_key_id: str, secret_access_key: str, region: str, silence: float
) -> BaseClient:
    return Session().client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        region_name=region,
        config=Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},  # `patiently` retries
            response_checksum_validation="when_required",  # not all S3 servers give checksums
            connect_timeout=5,
            read_timeout=silence,
        ),
    )


def patiently(store: S3Store, call: Callable[[], T]) -> T:
    """Call until it succeeds, fails for good, or the store's patience ends."""
    retrying = Retrying(
        retry=retry_if_exception(_is_passing),
        stop=stop_after_delay(_patience(store)),
        wait=_BETWEEN_TRIES,
        reraise=True,
    )
    return retrying(call)


def until_consistent(store: S3Store) -> AsyncRetrying:
    """Call again what meets a server that contradicts itself, until it does not, or the store's patience ends."""
    return AsyncRetrying(
        retry=retry_if_exception_type(ContradictionError),
        stop=stop_after_delay(_patience(store)),
        wait=_BETWEEN_TRIES,
        reraise=True,
    )


def _patience(store: S3Store) -> timedelta:
    return (store.retry_config or {}).get("retry_timeout", timedelta())


def _is_passing(error: BaseException) -> bool:
    """Tell whether trying again may help: the server is away, cut the connection, or says that it is busy."""
    return status_of(error) in _BUSY or isinstance(error, BotoConnectionError | HTTPClientError)


def failure(store: S3Store, what: str, error: Exception) -> CorpusError:
    """Say what failed, why, and what to do; an error's debug output stays out."""
    code, endpoint, said = code_of(error), store.config["endpoint"], _words_of(error)
    if code == NO_BUCKET:
        why = f"{code}: {endpoint} has no such bucket. Create it, or correct the bucket of the run."
    elif status_of(error) in _REFUSED or isinstance(error, PermissionDeniedError | UnauthenticatedError):
        why = (
            f"{endpoint} refuses these credentials ({code or said}). "
            f"Correct SCALE_S3_ACCESS_KEY_ID and SCALE_S3_SECRET_ACCESS_KEY {WHERE_SET}, or allow them the bucket."
        )
    elif code:
        why = f"{endpoint} answers {code}: {said}"
    else:
        patience = _patience(store).total_seconds()
        why = (
            f"no S3 server answers at {endpoint}, asked for {patience:g} s: {said}. "
            f"Start it, or correct SCALE_S3_ENDPOINT {WHERE_SET}."
        )
    return CorpusError(f"{what}: {why}")


def code_of(error: Exception) -> str:
    """Give the S3 code in the server's answer, or nothing when there was no answer with one."""
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    codes = re.findall(r"<Code>(\w+)</Code>", str(error))
    return str(codes[-1]) if codes else ""  # the last: before it the error may quote a key


def status_of(error: BaseException) -> int | None:
    """Give the HTTP status in an answer to boto3; obstore tells its errors apart by their types."""
    return error.response["ResponseMetadata"]["HTTPStatusCode"] if isinstance(error, ClientError) else None


def _words_of(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response["Error"].get("Message", "no words"))
    return " ".join(str(error).partition("Debug source")[0].split())
