"""What the gate can be told to do: for which requests, what, and until when.

A rule's share is of the keys where it acts on objects and listings, and of the requests where it acts on requests;
the same key has the same fate for as long as the seed is the same.
"""

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_HASH_BYTES = 8
_HASHES = float(256**_HASH_BYTES)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ErrorAnswer(_Part):
    """Answer in the server's place, with S3's XML."""

    kind: Literal["error"] = "error"
    status: int = Field(ge=400, le=599)
    code: str
    message: str


class Latency(_Part):
    """Hand the request on only after so many seconds."""

    kind: Literal["latency"] = "latency"
    seconds: float = Field(gt=0)


class TruncatedBody(_Part):
    """Announce a GET's whole body, send this share of it, and close the connection."""

    kind: Literal["truncated_body"] = "truncated_body"
    keep: float = Field(ge=0, lt=1)


class StaleListing(_Part):
    """Leave the keys out of listings, as if they had just been written."""

    kind: Literal["stale_listing"] = "stale_listing"


class MissingObject(_Part):
    """Answer GET and HEAD with NoSuchKey."""

    kind: Literal["missing_object"] = "missing_object"


class ChangedObject(_Part):
    """Give another object's content with its own ETag, as if the key had been overwritten."""

    kind: Literal["changed_object"] = "changed_object"


class CorruptObject(_Part):
    """Flip so many bits of a GET's body; the ETag stays."""

    kind: Literal["corrupt_object"] = "corrupt_object"
    flips: int = Field(ge=1)


Effect = Annotated[
    ErrorAnswer | Latency | TruncatedBody | StaleListing | MissingObject | ChangedObject | CorruptObject,
    Field(discriminator="kind"),
]


class Rule(_Part):
    """One order. Without `expires_at` it stands until it is deleted, or the gate ends."""

    bucket: str = Field(min_length=1)
    prefix: str = ""
    share: float = Field(default=1.0, gt=0, le=1)
    seed: str = ""
    effect: Effect
    expires_at: float | None = Field(default=None, description="unix seconds")

    def covers(self, bucket: str, key: str) -> bool:
        """Tell whether the rule is about this key at all."""
        return bucket == self.bucket and key.startswith(self.prefix)

    def picks(self, what: str) -> bool:
        """Tell whether a key, or a request by its number, is in the share."""
        digest = hashlib.blake2b(f"{self.seed}\0{what}".encode(errors="surrogateescape"), digest_size=_HASH_BYTES)
        return int.from_bytes(digest.digest()) < self.share * _HASHES


class HeldRule(_Part):
    """A rule that stands, and how many answers it has spoilt so far."""

    rule: Rule
    hits: int
