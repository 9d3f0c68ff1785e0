"""Run an oracle that is a command and read what it prints, line by line; it is killed when its reader goes away."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from threading import Timer
from typing import IO

from include.chaos.pipeline import Oracle
from include.errors import PlatformError
from include.settings import REPO_ROOT

ORACLE_SECONDS = 1800.0
_LAST_WORDS = 800
_READ_AHEAD = 1 << 20


def ask_oracle(
    oracle: Oracle, dag_run_id: str, environment: Mapping[str, str], seconds: float = ORACLE_SECONDS
) -> Generator[bytes, None, None]:
    """Give the lines; raise `PlatformError` with the oracle's last words when it fails, whatever it said before."""
    lines, line = 0, b"\n"
    with TemporaryFile() as errors, _running(oracle, dag_run_id, environment, errors) as process:
        timer = Timer(seconds, _kill, (process,))
        timer.start()
        try:
            assert process.stdout is not None  # noqa: S101  # it is a pipe
            for line in process.stdout:
                if line.endswith(b"\n"):
                    lines += 1
                    yield line
            code = process.wait()
            late = timer.finished.is_set()
        finally:
            timer.cancel()
        if code:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()[-_LAST_WORDS:]
            why = f"no end after {seconds:.0f} s" if late else code
            raise PlatformError(f"the oracle {oracle.command!r} failed ({why}) after line {lines}: {said}")
    if not line.endswith(b"\n"):  # torn, or whole without its end: known only now that the oracle is known to be well
        yield line


@contextmanager
def _running(
    oracle: Oracle, dag_run_id: str, environment: Mapping[str, str], errors: IO[bytes]
) -> Generator[subprocess.Popen[bytes], None, None]:
    """Run it in a session of its own, so that what it has spawned can be killed with it."""
    program, *rest = oracle.arguments(dag_run_id)
    try:
        process = subprocess.Popen(
            [sys.executable if program == "python" else program, *rest],
            cwd=REPO_ROOT,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=_READ_AHEAD,
            start_new_session=True,
        )
    except OSError as error:
        raise PlatformError(f"the oracle {oracle.command!r} could not be asked: {error}") from error
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
