"""The scene of faults that call functions: an extension's, on a lamp that is a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.chaos.faults.python import Python, PythonCall
from include.chaos.model import Component, TargetInstance
from include.chaos.platforms.python_calls import AllowedPython
from tests.chaos.faults.scene import Scene, SmallLab
from tests.chaos.interop import extension


@contextmanager
def python(lab: SmallLab) -> Iterator[Scene]:
    """The lamp is turned off by one function and on by another."""
    lamp = lab.folder / "lamp"
    lamp.touch()
    yield Scene(
        fault=Python(
            inject_by=_call("turn_off", lamp), confirm=_call("is_off", lamp), recover_by=(_call("turn_on", lamp),)
        ),
        instance=TargetInstance(name="lamp", component=Component.OBJECT_STORE),
        ability=AllowedPython(allowed={"tests.chaos.interop"}),
        is_struck=lambda: not lamp.exists(),
        is_whole=lambda: list(lab.folder.iterdir()) == [lamp],
        remove=lamp.unlink,
        restore=lamp.touch,
        replace=lambda: _replace(lamp),
    )


def _call(func: str, lamp: Path) -> PythonCall:
    return PythonCall(module=extension.__name__, func=func, arguments={"lamp": str(lamp)})


def _replace(lamp: Path) -> None:
    """Put another lamp in its place, as somebody would who has noticed."""
    lamp.with_name("lamp.off").unlink()
    lamp.touch()
