"""The image of a row: what PostgreSQL's `record_send` gives for it, so that both sides can hash the very same bytes.

The number of columns, then for each its type's number, its length (-1 for NULL) and its bytes; all numbers are four
bytes, the most significant first. No two rows of a relation have one image. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from struct import Struct

from include.chaos.cells import CellType
from include.chaos.integrity import Key, Row, Value

_NUMBER = Struct(">i")
_HEAD = Struct(">ii")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowForm:
    """The columns of a relation, its key's first, with their types."""

    relation: str
    columns: tuple[str, ...]
    types: tuple[CellType, ...]
    key_columns: int
    _encoders: tuple[tuple[int, Callable[[object], bytes]], ...] = field(init=False)

    def __post_init__(self) -> None:
        """Look up once what every row needs."""
        object.__setattr__(self, "_encoders", tuple((kind.oid, kind.encode) for kind in self.types))

    @property
    def key_is_all(self) -> bool:
        """Whether a row is nothing but its key."""
        return self.key_columns == len(self.columns)

    def encode(self, row: Sequence[object]) -> tuple[bytes, bytes]:
        """Give the images of a row's key and of the whole row; raise as `CellType.encode` does."""
        if len(row) != len(self.columns):
            raise ValueError(f"{self.relation}: expected columns {self.columns}, got {len(row)} values")
        cells = [
            _HEAD.pack(oid, -1) if value is None else _HEAD.pack(oid, len(octets := encode(value))) + octets
            for (oid, encode), value in zip(self._encoders, row, strict=True)
        ]
        key = _NUMBER.pack(self.key_columns) + b"".join(cells[: self.key_columns])
        return key, key if self.key_is_all else _NUMBER.pack(len(cells)) + b"".join(cells)

    def decode(self, image: bytes) -> tuple[Key, Row]:
        """Give a row's key and its values."""
        cells: list[Value] = []
        position = _NUMBER.size
        for kind in self.types:
            _, length = _HEAD.unpack_from(image, position)
            position += _HEAD.size
            cells.append(None if length < 0 else kind.decode(image[position : position + length]))
            position += max(length, 0)
        return tuple(cells[: self.key_columns]), tuple(cells[self.key_columns :])
