"""Turn a probe of the Chaos Toolkit into ours.

Anything that would make it look at something else (a header, another method, a value known at run time) leaves the
whole probe without an equal: a probe that measures something else under the old name would be worse than none.
"""

import json
import re
import shlex
from collections.abc import Collection, Mapping
from datetime import timedelta
from itertools import chain
from urllib.parse import urlencode, urlsplit

from pydantic import JsonValue, ValidationError

from include.chaos.interop import call_python
from include.chaos.interop.chaos_toolkit_experiment import (
    Activity,
    Foreign,
    HttpProvider,
    ProcessProvider,
    PythonProvider,
    is_known,
)
from include.chaos.interop.no_equal import NoEqualError
from include.chaos.interop.tolerance_import import STATUS, import_tolerance, import_value_tolerance
from include.chaos.probes.catalogue import Probe
from include.chaos.probes.command import CommandPart, CommandProbe
from include.chaos.probes.http import HttpPart, HttpProbe, Scheme
from include.chaos.steadiness import BLIND_AFTER

_HTTP_PARTS = {STATUS: HttpPart.STATUS, "body": HttpPart.BODY}
_PROCESS_PARTS = {STATUS: CommandPart.EXIT_CODE, "stdout": CommandPart.STDOUT}
_DEFAULT_PORTS = {Scheme.HTTP: 80, Scheme.HTTPS: 443}
_DEFAULT_TIMEOUT = BLIND_AFTER
"""Theirs wait for ever when nothing is said; a look here that takes longer leaves the probe blind anyway."""

_PYTHON_TIMEOUT = timedelta(seconds=10)
"""An extension's client library takes seconds to import."""

Configuration = Mapping[str, JsonValue]

_BRACED = re.compile(r"\$\{(?P<name>\w+)\}")
_SHELL = re.compile(r"[|&;<>()$`*?\[\]{}~#\n]")


def import_probe(theirs: Activity, runtime_names: Collection[str], configuration: Configuration) -> Probe:
    """Turn a probe into ours; raise `NoEqualError` with the reason when that is not possible.

    `runtime_names` are the names of configuration and secrets whose values are not in the file.
    """
    require_known_values(theirs, runtime_names)
    try:
        match theirs.provider:
            case HttpProvider() as provider:
                return _import_http(theirs, provider)
            case ProcessProvider() as provider:
                return _import_process(theirs, provider)
            case PythonProvider() as provider:
                return _import_python(theirs, provider, configuration)
    except ValidationError as error:
        problem = error.errors()[0]
        raise NoEqualError(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}") from error


def require_known_values(theirs: Activity, runtime_names: Collection[str]) -> None:
    """Raise `NoEqualError` when an activity asks for a value that is not in the file, or for secrets."""
    text = theirs.model_dump_json(exclude={"name"})
    needed = {found["name"] for found in _BRACED.finditer(text)}
    needed |= {name for name in runtime_names if re.search(rf"\${re.escape(name)}\b", text)}
    if needed:
        raise NoEqualError(f"it needs {', '.join(sorted(needed))}, known only at run time")
    if "secrets" in {*(theirs.model_extra or ()), *(theirs.provider.model_extra or ())}:
        raise NoEqualError("it needs secrets")


def command_of(provider: ProcessProvider) -> tuple[str, ...]:
    """Give the program and its arguments; raise `NoEqualError` when it takes a shell to read them."""
    match provider.arguments:
        case None:
            arguments: list[JsonValue] = []
        case str(text):
            if _SHELL.search(text):
                raise NoEqualError("its arguments are for a shell, which no probe here goes through")
            arguments = list(_split(text))
        case list(items):
            arguments = items
        case dict(pairs):
            arguments = list(chain.from_iterable(pairs.items()))
        case _:
            raise NoEqualError("its arguments are neither a text, a list nor an object")
    return (provider.path, *(str(argument) for argument in arguments if argument not in (None, "")))


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise NoEqualError("its arguments have an open quote") from error


def _import_http(theirs: Activity, provider: HttpProvider) -> HttpProbe:
    _require_plain_get(provider)
    address, scheme, path = _take_apart(provider)
    wanted = import_tolerance(theirs.tolerance)
    if wanted.target not in _HTTP_PARTS:
        raise NoEqualError(f"its tolerance is about {wanted.target}; of an answer, the status and the body are seen")
    return HttpProbe(
        kind="http",
        name=theirs.name,
        address=address,
        scheme=scheme,
        path=path,
        read=_HTTP_PARTS[wanted.target],
        timeout=_timeout(provider.timeout),
        tolerance=wanted.tolerance,
    )


def _require_plain_get(provider: HttpProvider) -> None:
    _require_nothing_else(provider)
    if provider.method.upper() != "GET":
        raise NoEqualError(f"it sends {provider.method.upper()}; a probe here only asks, by GET")
    if provider.headers:
        raise NoEqualError(f"it sends headers ({', '.join(sorted(provider.headers))})")
    if provider.verify_tls is not True:
        raise NoEqualError("it does not verify the server's certificate")


def _take_apart(provider: HttpProvider) -> tuple[str, Scheme, str]:
    try:
        url = urlsplit(provider.url)
        port = url.port
    except ValueError as error:
        raise NoEqualError("its URL cannot be read") from error
    if url.scheme not in _DEFAULT_PORTS or url.hostname is None:
        raise NoEqualError("its URL is not one of http or https with a host")
    if url.username is not None:
        raise NoEqualError("its URL holds a user name or a password")
    scheme = Scheme(url.scheme)
    queries = [query for query in (url.query, _query(provider.arguments)) if query]
    path = (url.path or "/") + ("?" + "&".join(queries) if queries else "")
    return f"{url.hostname}:{port or _DEFAULT_PORTS[scheme]}", scheme, path


def _query(arguments: JsonValue) -> str:
    if not arguments:
        return ""
    if not isinstance(arguments, dict):
        raise NoEqualError("its arguments are not an object")
    return urlencode({name: value for name, value in arguments.items() if value is not None}, doseq=True)


def _import_process(theirs: Activity, provider: ProcessProvider) -> CommandProbe:
    _require_nothing_else(provider)
    wanted = import_tolerance(theirs.tolerance)
    if wanted.target not in _PROCESS_PARTS:
        raise NoEqualError(f"its tolerance is about {wanted.target}; of a program, the exit code and stdout are seen")
    return CommandProbe(
        kind="command",
        name=theirs.name,
        command=command_of(provider),
        read=_PROCESS_PARTS[wanted.target],
        timeout=_timeout(provider.timeout),
        tolerance=wanted.tolerance,
    )


def _import_python(theirs: Activity, provider: PythonProvider, configuration: Configuration) -> CommandProbe:
    """Look through the function itself, in a process of its own."""
    _require_nothing_else(provider)
    if unknown := [name for name, value in configuration.items() if not is_known(value)]:
        raise NoEqualError(f"the function may read {', '.join(sorted(unknown))}, known only at run time")
    request = {
        "module": provider.module,
        "func": provider.func,
        "arguments": provider.arguments,
        "configuration": dict(configuration),
    }
    return CommandProbe(
        kind="command",
        name=theirs.name,
        command=("python", "-m", call_python.__name__, json.dumps(request)),
        read=CommandPart.STDOUT,
        timeout=_PYTHON_TIMEOUT,
        tolerance=import_value_tolerance(theirs.tolerance),
    )


def _require_nothing_else(provider: Foreign) -> None:
    if provider.model_extra:
        raise NoEqualError(f"its provider says {', '.join(sorted(provider.model_extra))}")


def _timeout(theirs: JsonValue) -> timedelta:
    """Read seconds, or a pair of them for connecting and reading."""
    match theirs:
        case None:
            return _DEFAULT_TIMEOUT
        case [int() | float() as connecting, int() | float() as reading]:
            return timedelta(seconds=connecting + reading)
        case int() | float():
            return timedelta(seconds=theirs)
        case _:
            raise NoEqualError("its timeout is not a number of seconds")
