"""Run a program for a probe, bounded in time and in what it prints. Never through a shell."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress

from include.chaos.probes.command import CommandEnd
from include.errors import PlatformError
from include.settings import REPO_ROOT

ALWAYS_HANDED_ON = ("PATH", "HOME", "LANG")
_CHUNK = 4096


class ProgramRunner:
    """Runs programs with an environment that holds no secrets, unless they are named."""

    def run(self, arguments: tuple[str, ...], *, variables: tuple[str, ...], timeout: float, limit: int) -> CommandEnd:
        """Run to the end; raise `PlatformError` when it cannot be started, is late, or prints over `limit` bytes."""
        environment = {name: os.environ[name] for name in (*ALWAYS_HANDED_ON, *variables) if name in os.environ}
        return run_bounded(arguments, environment=environment, timeout=timeout, limit=limit)


def run_bounded(
    arguments: tuple[str, ...],
    *,
    environment: Mapping[str, str],
    timeout: float,
    limit: int,
    given: bytes | None = None,
) -> CommandEnd:
    """Run a program in the project's folder, in a process group that ends with it.

    What it reads is `given`, which must fit a pipe; then its errors are part of what it prints. Without, both are
    nothing. Raises `PlatformError` when it cannot be started, is late, or prints over `limit` bytes.
    """
    deadline = time.monotonic() + timeout
    process = _start(arguments, environment, given)
    try:
        printed = _read(process, deadline, limit)
        exit_code = process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise PlatformError(f"{arguments[0]}: not finished after {timeout:g} s") from error
    finally:
        _end(process)
    return CommandEnd(exit_code=exit_code, stdout=printed.decode("utf8", errors="replace"))


def _start(arguments: tuple[str, ...], environment: Mapping[str, str], given: bytes | None) -> subprocess.Popen[bytes]:
    try:
        process = subprocess.Popen(
            arguments,
            cwd=REPO_ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if given is None else subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise PlatformError(f"{arguments[0]}: cannot be started: {error}") from error
    if process.stdin:
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(given or b"")
    return process


def _read(process: subprocess.Popen[bytes], deadline: float, limit: int) -> bytes:
    """Read until the program closes its output; a child that keeps it open is waited for as long as the program is."""
    assert process.stdout is not None  # noqa: S101  # it was asked for
    printed = bytearray()
    while select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
        piece = os.read(process.stdout.fileno(), _CHUNK)
        if not piece:
            return bytes(printed)
        printed += piece
        if len(printed) > limit:
            raise PlatformError(f"{process.args!r}: printed more than {limit} bytes")
    raise subprocess.TimeoutExpired(process.args, 0)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the process group, and forget it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
