"""One form for a cell, the same in PostgreSQL and here: the bytes that the binary send function of its type gives.

Two cells have one form exactly when PostgreSQL calls them equal: -0 is 0, NaN is NaN, and 1.50 is 1.5. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import nan
from struct import Struct
from uuid import UUID

from include.chaos.integrity import Value

_FLOAT4 = Struct(">f")
_FLOAT8 = Struct(">d")
_FIRST_DAY = date(2000, 1, 1)
_FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_NO_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity"})
"""As what PostgreSQL writes the doubles for which JSON has no number."""
_MICROSECOND = timedelta(microseconds=1)
_NUMERIC_DIGITS = 131072
"""PostgreSQL's `numeric` has no more before its point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellType:
    """A type that a relation's column may have.

    `encode` takes what JSON gave, never None; it raises `TypeError`, `ValueError` or `ArithmeticError` for what is no
    value of the type. `decode` gives what people and the accounts see: equal exactly where the forms are.
    """

    name: str
    oid: int
    encode: Callable[[object], bytes]
    decode: Callable[[bytes], Value]


def _encode_text(value: object) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {value!r}")
    return value.encode()


def _encode_integer(value: object) -> bytes:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"expected an integer, got {value!r}")
    return value.to_bytes(8, "big", signed=True)


def _encode_float(form: Struct) -> Callable[[object], bytes]:
    def encode(value: object) -> bytes:
        if isinstance(value, bool) or not (isinstance(value, float | int | Decimal) or value in _NO_NUMBERS):
            raise TypeError(f"expected a number, got {value!r}")
        number = float(value)
        return form.pack(number + 0.0 if number == number else nan)  # noqa: PLR0124  # NaN is what differs from itself

    return encode


def _decode_float(form: Struct) -> Callable[[bytes], Value]:
    def decode(octets: bytes) -> Value:
        (number,) = form.unpack(octets)
        return float(number) if number == number else nan  # noqa: PLR0124  # one object, which containers call equal

    return decode


def _encode_numeric(value: object) -> bytes:
    if not isinstance(value, int | Decimal | str | float) or isinstance(value, bool):
        raise TypeError(f"expected a number, got {value!r}")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if number.is_finite() and abs(number.adjusted()) > _NUMERIC_DIGITS:
        raise ValueError(f"{number} does not fit into numeric")
    digits = f"{number:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return b"0" if digits == "-0" else digits.encode()


def _encode_bool(value: object) -> bytes:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, got {value!r}")
    return bytes([value])


def _encode_date(value: object) -> bytes:
    return (date.fromisoformat(_string(value)) - _FIRST_DAY).days.to_bytes(4, "big", signed=True)


def _decode_date(octets: bytes) -> Value:
    days = int.from_bytes(octets, "big", signed=True)
    try:
        return str(_FIRST_DAY + timedelta(days=days))
    except OverflowError:
        return f"{_FIRST_DAY} and {days} days"


def _encode_moment(value: object) -> bytes:
    moment = datetime.fromisoformat(_string(value))
    if moment.tzinfo is None:
        raise ValueError(f"expected a time with its offset from UTC, got {value!r}")
    return ((moment - _FIRST_MOMENT) // _MICROSECOND).to_bytes(8, "big", signed=True)


def _decode_moment(octets: bytes) -> Value:
    microseconds = int.from_bytes(octets, "big", signed=True)
    try:
        return str(_FIRST_MOMENT + microseconds * _MICROSECOND)
    except OverflowError:
        return f"{_FIRST_MOMENT} and {microseconds} microseconds"


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {value!r}")
    return value


_TYPES = (
    CellType(name="text", oid=25, encode=_encode_text, decode=bytes.decode),
    CellType(
        name="int8",
        oid=20,
        encode=_encode_integer,
        decode=lambda octets: int.from_bytes(octets, "big", signed=True),
    ),
    CellType(name="float4", oid=700, encode=_encode_float(_FLOAT4), decode=_decode_float(_FLOAT4)),
    CellType(name="float8", oid=701, encode=_encode_float(_FLOAT8), decode=_decode_float(_FLOAT8)),
    CellType(name="numeric", oid=25, encode=_encode_numeric, decode=bytes.decode),  # as text: its shortest digits
    CellType(name="bool", oid=16, encode=_encode_bool, decode=lambda octets: octets == b"\x01"),
    CellType(name="date", oid=1082, encode=_encode_date, decode=_decode_date),
    CellType(name="timestamptz", oid=1184, encode=_encode_moment, decode=_decode_moment),
    CellType(
        name="uuid",
        oid=2950,
        encode=lambda value: UUID(_string(value)).bytes,
        decode=lambda octets: str(UUID(bytes=octets)),
    ),
)
CELL_TYPES = {kind.name: kind for kind in _TYPES}
"""All types, by PostgreSQL's name."""
