"""An oracle that fails, however it fails, is never taken for one that has said everything."""

import json
import os
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from include.chaos.oracle import ask_oracle
from include.chaos.pipeline import Oracle
from include.errors import PlatformError
from tests.waiting import await_


def _oracle(folder: Path, script: str) -> Oracle:
    path = folder / "oracle.py"
    path.write_text(script)
    return Oracle(command=f"python {path} {{dag_run_id}}")


def _ask(folder: Path, script: str) -> list[bytes]:
    return list(ask_oracle(_oracle(folder, script), "run-1", os.environ))


def test_lines_come_as_they_were_printed(tmp_path: Path) -> None:
    """One by one, with the run's id in the command; the last one may lack its end."""
    assert _ask(tmp_path, "import sys; print(sys.argv[1]); print(2, end='')") == [b"run-1\n", b"2"]


def test_an_oracle_that_dies_half_way_is_a_failure(tmp_path: Path) -> None:
    """What it had said is not everything: the error counts its whole lines and quotes its last words."""
    script = "import sys; print(1); print(2); print('tor', end=''); sys.exit('out of memory')"
    with pytest.raises(PlatformError, match=r"failed \(1\) after line 2: out of memory"):
        _ask(tmp_path, script)


def test_an_oracle_that_is_killed_is_a_failure(tmp_path: Path) -> None:
    """A signal leaves no last words, and still no pass."""
    with pytest.raises(PlatformError, match=r"failed \(-9\) after line 1"):
        _ask(tmp_path, "import os; print(1, flush=True); os.kill(os.getpid(), 9)")


def test_an_oracle_that_hangs_is_killed(tmp_path: Path) -> None:
    """Its patience is bound."""
    oracle = _oracle(tmp_path, "import time; print(1, flush=True); time.sleep(600)")
    with pytest.raises(PlatformError, match=r"failed \(no end after 1 s\) after line 1"):
        list(ask_oracle(oracle, "run-1", os.environ, seconds=1))


def test_an_oracle_that_is_not_there_is_a_failure() -> None:
    """The command is named."""
    with pytest.raises(PlatformError, match=r"/no/such/oracle.*could not be asked"):
        list(ask_oracle(Oracle(command="/no/such/oracle"), "run-1", os.environ))


def test_nothing_of_an_oracle_outlives_its_reader(tmp_path: Path) -> None:
    """A reader that gives up kills it, and what it has spawned."""
    script = (
        "import json, os, subprocess, time; child = subprocess.Popen(['sleep', '600']);"
        "print(json.dumps([os.getpid(), child.pid]), flush=True); time.sleep(600)"
    )
    with closing(ask_oracle(_oracle(tmp_path, script), "run-1", os.environ)) as lines:
        pids = json.loads(next(lines))
        assert all(psutil.pid_exists(pid) for pid in pids)
    await_(lambda: not any(_lives(pid) for pid in pids))


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
