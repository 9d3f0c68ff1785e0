"""Recognise actions of the Chaos Toolkit that end processes: the ones of which the equal here is plain."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from pydantic import JsonValue

from include.chaos.interop.chaos_toolkit_experiment import Activity, ProcessProvider, PythonProvider
from include.chaos.interop.no_equal import NoEqualError
from include.chaos.interop.probe_import import command_of
from include.chaos.model import FixedCount, PercentOfInstances, TargetMode

Signal = Literal["KILL", "TERM"]
Mode = TargetMode | FixedCount | PercentOfInstances

_SIGNALS: dict[str, Signal] = {"9": "KILL", "KILL": "KILL", "15": "TERM", "TERM": "TERM"}
_SIGNAL_OPTIONS = frozenset({"-s", "--signal"})
_MATCHING_OPTIONS = frozenset({"-f", "--full", "-x", "--exact", "-e", "--echo"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKill:
    """What an action ends: the word by which it names its victims, the signal, and how many of them."""

    word: str
    signal: Signal
    mode: Mode = TargetMode.ALL


def find_kill(theirs: Activity) -> FoundKill:
    """Tell what an action ends; raise `NoEqualError` when it does something else, or does it in a way not understood.

    Understood are `pkill`, `killall`, `docker kill`, `docker stop`, and the Kubernetes extension's `terminate_pods`.
    """
    match theirs.provider:
        case ProcessProvider() as provider:
            return _find_in_command(command_of(provider))
        case PythonProvider(module="chaosk8s.pod.actions", func="terminate_pods", arguments=arguments):
            return _find_in_pods(arguments)
        case PythonProvider(module=module, func=func):
            raise NoEqualError(f"it calls the Python function {module}.{func}")
        case _:
            raise NoEqualError("it sends an HTTP request")


def _find_in_command(command: Sequence[str]) -> FoundKill:
    program = PurePath(command[0]).name
    match program, list(command[1:]):
        case (("pkill" | "killall"), arguments):
            return _read_options(program, arguments, default="TERM")
        case "docker", ["kill", *arguments]:
            return _read_options("docker kill", arguments, default="KILL")
        case "docker", ["stop", name] if not name.startswith("-"):
            return FoundKill(word=name, signal="TERM")
        case _:
            raise NoEqualError(f"it runs {program}")


def _read_options(program: str, arguments: Sequence[str], *, default: Signal) -> FoundKill:
    signal: Signal = default
    words: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, _, value = argument.partition("=")
        if name in _SIGNAL_OPTIONS:
            signal = _read_signal(program, value or next(rest, ""))
        elif argument in _MATCHING_OPTIONS:
            continue
        elif argument.startswith("-"):
            signal = _read_signal(program, argument.removeprefix("-"))
        else:
            words.append(argument)
    if len(words) != 1:
        raise NoEqualError(f"it runs {program} with {len(words)} names; expected one")
    return FoundKill(word=words[0], signal=signal)


def _read_signal(program: str, text: str) -> Signal:
    signal = _SIGNALS.get(text.upper().removeprefix("SIG"))
    if signal is None:
        raise NoEqualError(f"it runs {program} with an option that is neither KILL nor TERM")
    return signal


def _find_in_pods(arguments: dict[str, JsonValue]) -> FoundKill:
    """Read what `terminate_pods` is told; without a grace period of 0 a pod is asked to end first."""
    known = {"label_selector", "name_pattern", "ns", "all", "rand", "mode", "qty", "order", "grace_period"}
    if unknown := set(arguments) - known:
        raise NoEqualError(f"it ends pods chosen by {', '.join(sorted(unknown))}")
    words = [arguments[key] for key in ("label_selector", "name_pattern") if arguments.get(key)]
    if len(words) != 1 or not isinstance(words[0], str):
        raise NoEqualError("it ends pods chosen by neither or both of label_selector and name_pattern")
    return FoundKill(
        word=words[0], signal="KILL" if arguments.get("grace_period") == 0 else "TERM", mode=_mode(arguments)
    )


def _mode(arguments: dict[str, JsonValue]) -> Mode:
    quantity = arguments.get("qty", 1)
    if arguments.get("all"):
        return TargetMode.ALL
    if not isinstance(quantity, int) or quantity < 1:
        raise NoEqualError("it ends a number of pods that is not a whole one above 0")
    if arguments.get("mode") == "percentage":
        return PercentOfInstances(percent=min(quantity, 100) / 100)
    return TargetMode.ONE if quantity == 1 else FixedCount(fixed=quantity)
