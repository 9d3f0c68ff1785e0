"""Rows of numbers in the binary format of PostgreSQL's COPY, laid out by numpy instead of value by value.

A signature, then the rows: each the count of its fields, then every field behind its length in bytes; -1 ends them.
All numbers are big-endian. The format is described at https://www.postgresql.org/docs/current/sql-copy.html, that of
arrays in the server's `array_recv`.
"""

from enum import Enum
from itertools import chain, pairwise
from struct import pack
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Fields: TypeAlias = list[bytes]
"""A column: the field of each row, its length included."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + pack(">ii", 0, 0)
_END = pack(">h", -1)
_ARRAY = np.dtype([(name, ">i4") for name in ("size", "dimensions", "has_null", "element", "length", "lower_bound")])


class Width(Enum):
    """PostgreSQL's integers: numpy's name for the type, PostgreSQL's number for it."""

    INT2 = (">i2", 21)
    INT4 = (">i4", 23)
    INT8 = (">i8", 20)


def copy_rows(*columns: Fields) -> bytes:
    """Put columns side by side; raise `ValueError` unless they have one length."""
    counts = [pack(">h", len(columns))] * len(columns[0])
    return b"".join([_SIGNATURE, *chain.from_iterable(zip(counts, *columns, strict=True)), _END])


def integers(values: NDArray[np.integer], width: Width) -> Fields:
    """Give a column of integers."""
    return _cut(_sized(values, width))


def same(value: int, width: Width, rows: int) -> Fields:
    """Give a column of one integer over and over."""
    return integers(np.array([value]), width) * rows


def arrays(values: NDArray[np.integer], edges: NDArray[np.integer], width: Width) -> Fields:
    """Give a column of arrays: `values[edges[i]:edges[i + 1]]` for each i."""
    elements = _sized(values, width)
    lengths = np.diff(edges)
    heads = np.empty(len(lengths), dtype=_ARRAY)
    heads["size"] = _ARRAY.itemsize - 4 + lengths * elements.itemsize
    heads["dimensions"], heads["has_null"], heads["element"] = 1, 0, width.value[1]
    heads["length"], heads["lower_bound"] = lengths, 1
    content = elements.tobytes()
    ends = (edges * elements.itemsize).tolist()
    return [head + content[start:stop] for head, (start, stop) in zip(_cut(heads), pairwise(ends), strict=True)]


def bit_strings(bits: NDArray[np.bool_]) -> Fields:
    """Give a column of bit strings from shape (rows, bits)."""
    packed = np.packbits(bits, axis=1)
    fields = np.empty(len(bits), dtype=[("size", ">i4"), ("bits", ">i4"), ("content", np.uint8, packed.shape[1:])])
    fields["size"], fields["bits"], fields["content"] = 4 + packed.shape[1], bits.shape[1], packed
    return _cut(fields)


def _sized(values: NDArray[np.integer], width: Width) -> NDArray[np.void]:
    """Put each value behind its size; raise `ValueError` when one needs more."""
    sized = np.empty(len(values), dtype=[("size", ">i4"), ("value", width.value[0])])
    sized["size"], sized["value"] = sized.dtype["value"].itemsize, values
    if not np.array_equal(sized["value"], values):
        raise ValueError(f"values up to {values.max()}, from {values.min()}, do not fit {width.name}")
    return sized


def _cut(records: NDArray[np.void]) -> list[bytes]:
    fields: list[bytes] = records.view(f"V{records.itemsize}").tolist()
    return fields
