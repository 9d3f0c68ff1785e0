"""Who is the lab's, and that it ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from include.errors import LabError
from include.lab import reaper
from include.lab.reaper import Seen
from include.settings import LAB_ID_VARIABLE

DATA = Path("/srv/lab/data")


def seen(*, name: str = "java", lab_id: str | None = None, folder: str = "/") -> Seen:
    environment = {LAB_ID_VARIABLE: lab_id} if lab_id else {}
    return Seen(pid=4711, name=name, environment=environment, working_folder=folder)


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        (seen(lab_id="ours"), True),
        (seen(lab_id="theirs"), False),
        (seen(), False),
        (seen(name="postgres", folder="/srv/lab/data/warehouse"), True),
        (seen(name="postgres", folder="/srv/lab/database"), False),
        (seen(name="postgres", folder="/srv/other/data/warehouse"), False),
        (seen(name="bash", folder="/srv/lab/data"), False),
    ],
)
def test_only_the_labs_own_processes_belong(process: Seen, *, expected: bool) -> None:
    """The mark decides, or PostgreSQL's folder; a shell that stands in the lab does not belong."""
    assert reaper.belongs(process, lab_id="ours", data=DATA) is expected


@pytest.fixture
def stubborn() -> Iterator[subprocess.Popen[str]]:
    """A marked process that ignores SIGTERM."""
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(99)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, LAB_ID_VARIABLE: "stubborn-lab"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def test_a_process_that_ignores_sigterm_is_killed(stubborn: subprocess.Popen[str]) -> None:
    """After its grace, a leftover gets SIGKILL, and is counted."""
    ended = reaper.reap(lambda: reaper.leftovers("stubborn-lab", DATA), grace=0.2)
    assert ended == 1
    assert not psutil.pid_exists(stubborn.pid)


def test_other_labs_processes_are_left_alone(stubborn: subprocess.Popen[str]) -> None:
    """Two labs do not meet in their reapers either."""
    assert reaper.reap(lambda: reaper.leftovers("another-lab", DATA)) == 0
    assert stubborn.poll() is None


def test_the_caller_and_its_ancestors_are_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    """`down` run from within the lab, by the agent for one, does not kill itself."""
    code = (
        "from pathlib import Path; from include.lab import reaper;"
        "print([p.pid for p in reaper.leftovers('marked', Path('/nowhere'))])"
    )
    monkeypatch.setenv(LAB_ID_VARIABLE, "marked")
    shell = ["/bin/sh", "-c", '"$0" -c "$1"; true', sys.executable, code]
    assert subprocess.run(shell, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_what_cannot_be_ended_is_named() -> None:
    """A leftover that stays is an error with its pid, not silence."""

    class Immortal(psutil.Process):
        def send_signal(self, sig: int) -> None:
            """Ignore it."""

    own = Immortal()
    with pytest.raises(LabError, match=str(own.pid)):
        reaper.reap(lambda: [own], grace=0.01, rounds=2)


def test_nothing_to_reap_is_fine() -> None:
    """A clean stop leaves nothing."""
    assert reaper.reap(list) == 0
