"""Call one Python function and print what it gives, as the JSON object `{"value": ...}`.

This is how a `command` probe looks through a Chaos Toolkit extension: `python -m include.chaos.interop.call_python`
with a JSON object of `module`, `func`, `arguments` and `configuration`. It runs in a process of its own, so an
extension that hangs, leaks or crashes harms nobody. It needs nothing but the standard library and the extension.
"""

import importlib
import inspect
import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout


def call(module: str, func: str, arguments: Mapping[str, object], configuration: Mapping[str, object]) -> object:
    """Call a function as the Chaos Toolkit does: it gets the configuration if it has a parameter for it."""
    function = getattr(importlib.import_module(module), func)
    extra = {"configuration": dict(configuration)} if _takes_configuration(function) else {}
    return function(**arguments, **extra)


def _takes_configuration(function: object) -> bool:
    try:
        return callable(function) and "configuration" in inspect.signature(function).parameters
    except ValueError:  # some functions in C tell no signature
        return False


def main(asked: str) -> None:
    """Call what is asked for in JSON; what the function prints goes to standard error."""
    request = json.loads(asked)
    with redirect_stdout(sys.stderr):
        value = call(request["module"], request["func"], request["arguments"], request["configuration"])
    sys.stdout.write(json.dumps({"value": value}, default=str) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
