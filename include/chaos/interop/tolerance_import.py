"""Turn a tolerance of the Chaos Toolkit into ours.

What an HTTP call or a process gives there is an object with a `status` and texts (`body`; `stdout`, `stderr`). So a
tolerance there says which of them it is about; here the probe says so, by `read`. Where the documentation and the
library differ, the library's behaviour is taken, for that is what their experiments ran with.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from include.chaos.interop.no_equal import NoEqualError
from include.chaos.tolerances import JsonTolerance, Tolerance

STATUS = "status"
VALUE = "value"
"""Where in the JSON of `call_python` the result is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTolerance:
    """Our tolerance, and what of the result it is about."""

    target: str
    tolerance: Tolerance


def import_tolerance(theirs: JsonValue) -> ImportedTolerance:
    """Turn a tolerance into ours; raise `NoEqualError` when that cannot be said here."""
    try:
        return _import(theirs)
    except ValidationError as error:
        raise NoEqualError(f"its tolerance: {error.errors()[0]['msg']}") from error


def _import(theirs: JsonValue) -> ImportedTolerance:
    match theirs:
        case bool() | str() | None:
            raise NoEqualError("its tolerance compares a whole answer with one value, which never holds")
        case int():
            return _about(STATUS, Tolerance(equals=theirs))
        case list() if theirs and all(_is_whole(item) for item in theirs):
            return _about(STATUS, Tolerance(regex=_one_of(theirs)))
        case {"type": "range", "range": [int() | float() as low, int() | float() as high], "target": "status", **rest}:
            _require_nothing_else(rest)
            return _about(STATUS, Tolerance(range=(low, high)))
        case {"type": "regex", "pattern": str(pattern), "target": str(target), **rest} if target != STATUS:
            _require_nothing_else(rest)
            return _about(target, Tolerance(regex=pattern))
        case {"type": "jsonpath", "path": str(path), "target": str(target), "expect": expect, **rest}:
            _require_nothing_else(rest)
            return _about(target, Tolerance(json_path=JsonTolerance(path=path, equals=_scalar(expect))))
        case {"type": kind}:
            raise NoEqualError(f"its tolerance is a {kind} in a form that has no equal")
        case _:
            raise NoEqualError("its tolerance has no equal")


def import_value_tolerance(theirs: JsonValue) -> Tolerance:
    """Turn a tolerance of a Python function's result into ours, of the JSON that `call_python` prints.

    It may accept less than theirs (a number within a text, say), which the baseline shows, but never more.
    """
    try:
        return Tolerance(json_path=_import_of_value(theirs))
    except ValidationError as error:
        raise NoEqualError(f"its tolerance: {error.errors()[0]['msg']}") from error


def _import_of_value(theirs: JsonValue) -> JsonTolerance:
    match theirs:
        case bool() | int() | str():
            return JsonTolerance(path=VALUE, equals=theirs)
        case [int() | float() as low, int() | float() as high]:
            return JsonTolerance(path=VALUE, range=(low, high))
        case list() if theirs and all(_is_whole(item) for item in theirs):
            return JsonTolerance(path=VALUE, regex=_one_of(theirs))
        case {"type": "range", "range": [int() | float() as low, int() | float() as high], **rest}:
            return JsonTolerance(path=_place(rest), range=(low, high))
        case {"type": "regex", "pattern": str(pattern), **rest}:
            return JsonTolerance(path=_place(rest), regex=pattern)
        case {"type": "jsonpath", "path": str(path), "expect": expect, **rest}:
            return JsonTolerance(path=_place(rest) + path.removeprefix("$"), equals=_scalar(expect))
        case {"type": kind}:
            raise NoEqualError(f"its tolerance is a {kind} in a form that has no equal")
        case _:
            raise NoEqualError("its tolerance has no equal")


def _place(rest: Mapping[object, object]) -> str:
    """Say where in the printed JSON the part is that the tolerance is about."""
    target = rest.get("target")
    _require_nothing_else({key: value for key, value in rest.items() if key != "target"})
    return VALUE if target is None else f'{VALUE}["{target}"]'


def _about(target: str, tolerance: Tolerance) -> ImportedTolerance:
    return ImportedTolerance(target=target, tolerance=tolerance)


def _is_whole(item: JsonValue) -> bool:
    return isinstance(item, int) and not isinstance(item, bool)


def _one_of(allowed: list[JsonValue]) -> str:
    """Give a pattern of the listed numbers: the library looks a status up in the list, also in one of two."""
    return f"^({'|'.join(re.escape(str(item)) for item in allowed)})$"


def _scalar(expect: JsonValue) -> str | float | bool:
    match expect:
        case [(str() | int() | float()) as only] | ((str() | int() | float()) as only):
            return only
        case _:
            raise NoEqualError("its tolerance expects several values, an object, or none")


def _require_nothing_else(rest: Mapping[object, object]) -> None:
    if rest:
        raise NoEqualError(f"its tolerance says {', '.join(sorted(map(str, rest)))}, which has no equal")
