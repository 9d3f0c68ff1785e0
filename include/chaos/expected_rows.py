"""The rows that an oracle expects: digested while they come, and kept on disk, to be read where digests differ."""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from struct import Struct

from include.chaos.integrity import Key, Row
from include.chaos.row_digests import FINEST_BUCKETS, BucketDigest, DigestTable, bucket_count, hash_key, hash_row
from include.chaos.row_images import RowForm
from include.chaos.spool import Spool
from include.errors import PlatformError

_LENGTH = Struct(">I")
_HASH = Struct("=q")


class ExpectedRelation:
    """The expected rows of one relation."""

    def __init__(self, form: RowForm) -> None:
        """Start without rows."""
        self.form = form
        self._digests = DigestTable()
        self._rows = Spool(FINEST_BUCKETS)
        self._key_hashes = Spool(FINEST_BUCKETS)

    def add(self, row: list[object]) -> None:
        """Add a row as JSON gave it; raise as `RowForm.encode` does."""
        key, image = self.form.encode(row)
        bucket, key_hash = hash_key(key)
        self._digests.add(bucket, key_hash if self.form.key_is_all else hash_row(image))
        self._key_hashes.append(bucket, _HASH.pack(key_hash))
        self._rows.append(bucket, _LENGTH.pack(len(image)) + image)

    @property
    def buckets(self) -> int:
        """Tell into how many buckets the relation is divided."""
        return bucket_count(self._digests.rows)

    def digests(self) -> Mapping[int, BucketDigest]:
        """Give the digests of the buckets that have rows."""
        return self._digests.fold(self.buckets)

    def read(self, bucket: int) -> dict[Key, Row]:
        """Give the rows of a bucket."""
        return dict(row for fine in range(bucket, FINEST_BUCKETS, self.buckets) for row in self._read_finest(fine))

    def refuse_duplicates(self) -> None:
        """Raise `PlatformError` when a key is expected twice: an oracle that says so is wrong itself."""
        for fine in range(FINEST_BUCKETS):
            hashes = array("q", self._key_hashes.read(fine))
            if len(set(hashes)) < len(hashes):
                self._refuse_duplicates_of(fine)

    def close(self) -> None:
        """Give the disk back."""
        self._rows.close()
        self._key_hashes.close()

    def _refuse_duplicates_of(self, fine: int) -> None:
        seen: set[Key] = set()
        for key, _ in self._read_finest(fine):
            if key in seen:
                raise PlatformError(f"the oracle is wrong itself: of {self.form.relation} it expects {key!r} twice")
            seen.add(key)

    def _read_finest(self, fine: int) -> Iterator[tuple[Key, Row]]:
        records = self._rows.read(fine)
        position = 0
        while position < len(records):
            (length,) = _LENGTH.unpack_from(records, position)
            position += _LENGTH.size + length
            yield self.form.decode(records[position - length : position])


class ExpectedRows:
    """What the oracle says: rows by relation, and the objects that must be quarantined."""

    def __init__(self, relations: Iterable[RowForm], quarantine: RowForm | None) -> None:
        """Start with nothing expected; a pipeline without a list of what it quarantines has no such form."""
        self.relations = {form.relation: ExpectedRelation(form) for form in relations}
        self.quarantine = ExpectedRelation(quarantine) if quarantine else None
        self.quarantined: set[str] = set()

    def read(self, lines: Iterable[bytes]) -> None:
        """Read the oracle's JSON lines; raise `PlatformError` for a line that is not one, or a key that comes twice."""
        decode = self._decoder()
        for number, line in enumerate(lines, start=1):
            try:
                self._add(decode(line))
            except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError) as error:
                shown = line[:200].decode(errors="replace").rstrip()
                raise PlatformError(f"the oracle's line {number} is not understood ({error}): {shown}") from error
        for relation in self._all():
            relation.refuse_duplicates()

    def close(self) -> None:
        """Give the disk back."""
        for relation in self._all():
            relation.close()

    def _add(self, said: dict[str, object]) -> None:
        if "quarantined" in said:
            if self.quarantine is None:
                raise ValueError("the landing contract has no `quarantine`")
            self.quarantine.add([said["quarantined"]])
            self.quarantined.add(str(said["quarantined"]))
        else:
            row = said["row"]
            if not isinstance(row, list):
                raise TypeError(f"expected a list of values, got {row!r}")
            self.relations[str(said["relation"])].add(row)

    def _all(self) -> Iterator[ExpectedRelation]:
        yield from self.relations.values()
        if self.quarantine:
            yield self.quarantine

    def _decoder(self) -> Callable[[bytes], dict[str, object]]:
        """Keep every digit of numbers where a column does, which is slower."""
        exact = any(kind.name == "numeric" for relation in self._all() for kind in relation.form.types)
        decoder = json.JSONDecoder(parse_float=Decimal if exact else None)

        def decode(line: bytes) -> dict[str, object]:
            text = line.decode()
            said, end = decoder.raw_decode(text)
            if not isinstance(said, dict) or text[end:].strip():
                raise TypeError("expected one object")
            return said

        return decode
