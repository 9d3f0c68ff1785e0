"""Digests of buckets of rows, whatever their order: equal when the rows are, and else with a chance of 2^-64.

A row belongs to the bucket that the MD5 of its key's image names; a bucket's digest is the number of its rows and the
sum of the last halves of the MD5s of their images, as signed numbers. A sum sees a row that is there twice, which an
exclusive or would cancel. Buckets by a smaller power of two are sums of finer ones. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5
from struct import Struct

FINEST_BUCKETS = 2**13
"""Of 50 million rows, one of these holds 6,100: what has to be in memory at once."""

_BUCKET_AND_LAST_HALF = Struct(">H6xq")
_LAST_HALF = Struct(">8xq")


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketDigest:
    """How many rows a bucket has, and the sum of their hashes."""

    rows: int
    total: int


def bucket_count(rows: int) -> int:
    """Give a power of two near the square root: so many digests, and so many rows a bucket, are the least to move."""
    return min(FINEST_BUCKETS, 1 << (rows.bit_length() + 1) // 2)


def hash_key(image: bytes) -> tuple[int, int]:
    """Name a key's bucket by the first bytes of its MD5, and give the last half, as `hash_row` does."""
    number, last_half = _BUCKET_AND_LAST_HALF.unpack(md5(image, usedforsecurity=False).digest())
    return number % FINEST_BUCKETS, last_half


def hash_row(image: bytes) -> int:
    """Give the last half of an image's MD5 as a signed number."""
    (number,) = _LAST_HALF.unpack(md5(image, usedforsecurity=False).digest())
    return int(number)


class DigestTable:
    """The digests of all finest buckets, while rows are added."""

    def __init__(self) -> None:
        """Start without rows."""
        self.rows = 0
        self._rows = [0] * FINEST_BUCKETS
        self._totals = [0] * FINEST_BUCKETS

    def add(self, bucket: int, row_hash: int) -> None:
        """Add a row."""
        self.rows += 1
        self._rows[bucket] += 1
        self._totals[bucket] += row_hash

    def fold(self, buckets: int) -> Mapping[int, BucketDigest]:
        """Give the digests of fewer buckets, without those that have no rows."""
        folded = {
            bucket: (sum(self._rows[bucket::buckets]), sum(self._totals[bucket::buckets])) for bucket in range(buckets)
        }
        return {bucket: BucketDigest(rows=rows, total=total) for bucket, (rows, total) in folded.items() if rows}
