"""What a request asks of an S3 server, as far as rules need to know. Buckets are the first part of the path."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self
from urllib.parse import parse_qsl, unquote_to_bytes

_OF_LISTINGS = frozenset(
    {
        *("list-type", "prefix", "delimiter", "encoding-type", "max-keys", "marker", "start-after"),
        *("continuation-token", "fetch-owner", "x-id"),
    }
)
_OF_OBJECTS = frozenset({"x-id", "versionid", "partnumber"})


class Operation(Enum):
    """What a rule can act on."""

    GET = auto()
    HEAD = auto()
    LIST = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Request:
    """A request: `key` is decoded, with bytes that are no UTF-8 as lone surrogates; empty for a bucket."""

    operation: Operation
    bucket: str
    key: str
    listed_prefix: str = ""

    @property
    def subject(self) -> str:
        """Give what a rule's prefix is held against: the key, or the prefix that is listed."""
        return self.key or self.listed_prefix

    @classmethod
    def of(cls, method: str, target: str) -> Self:
        """Read method and target, as they are on the wire."""
        path, _, query = target.partition("?")
        bucket, _, key = path.removeprefix("/").partition("/")
        asked = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
        return cls(
            operation=_operation(method, has_key=bool(key), asked=asked.keys()),
            bucket=_decoded(bucket),
            key=_decoded(key),
            listed_prefix=asked.get("prefix", ""),
        )


def _operation(method: str, *, has_key: bool, asked: Iterable[str]) -> Operation:
    known = _OF_OBJECTS if has_key else _OF_LISTINGS
    if any(name not in known and not _is_harmless(name) for name in asked):
        return Operation.OTHER  # of an ACL, tags, an upload's parts, ...
    match method:
        case "GET":
            return Operation.GET if has_key else Operation.LIST
        case "HEAD" if has_key:
            return Operation.HEAD
        case _:
            return Operation.OTHER


def _is_harmless(name: str) -> bool:
    """Tell whether a parameter changes headers or carries a signature only."""
    return name.startswith(("response-", "x-amz-"))


def _decoded(written: str) -> str:
    return unquote_to_bytes(written.encode(errors="surrogateescape")).decode(errors="surrogateescape")
