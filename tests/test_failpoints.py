"""A failpoint costs nothing when off, stops one process when armed, and never for longer than its order."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from include.chaos.platforms.failpoint_board import FailpointBoard
from include.errors import PlatformError
from include.failpoints import HIT, HOME_VARIABLE, Failpoint, reach
from include.settings import REPO_ROOT
from tests.waiting import await_

PLACE = Failpoint(run_id="manual__2026-01-01T00:00:00+00:00/../x", stage="load", name="committed")
LONG = timedelta(minutes=5)

PASS_ONCE = """
from include.failpoints import Failpoint, reach
reach(Failpoint(run_id="manual__2026-01-01T00:00:00+00:00/../x", stage="load", name="committed"))
"""


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FailpointBoard:
    """Orders that this process and its children obey."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return FailpointBoard(tmp_path)


def passing() -> subprocess.Popen[bytes]:
    """Start a process that passes the place once and ends."""
    return subprocess.Popen([sys.executable, "-c", PASS_ONCE], env={**os.environ, "PYTHONPATH": str(REPO_ROOT)})


def arrived(board: FailpointBoard) -> bool:
    return board.waiting(PLACE) is not None


def test_without_a_folder_nothing_is_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A pipeline outside of a site with failpoints passes, whatever lies anywhere."""
    FailpointBoard(tmp_path).arm(PLACE, LONG)
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    reach(PLACE)
    assert FailpointBoard(tmp_path).waiting(PLACE) is None


def test_without_an_order_a_process_passes_and_leaves_nothing(board: FailpointBoard, tmp_path: Path) -> None:
    """Nor does an order for another place stop it."""
    board.arm(Failpoint(run_id=PLACE.run_id, stage="load", name="other"), LONG)
    reach(PLACE)
    assert not list(tmp_path.rglob(HIT))


def test_an_order_lies_below_its_folder_whatever_the_run_is_called(board: FailpointBoard, tmp_path: Path) -> None:
    """Slashes and dots in a run's id lead nowhere else."""
    board.arm(PLACE, LONG)
    assert [path.relative_to(tmp_path).parts[1:] for path in tmp_path.rglob("armed")] == [("load.committed", "armed")]


def test_a_process_waits_until_it_is_released(board: FailpointBoard) -> None:
    """It is seen with its pid, waits, and goes on when the order is taken back."""
    board.arm(PLACE, LONG)
    worker = passing()
    await_(lambda: arrived(board), "the process to arrive")
    instance = board.waiting(PLACE)
    assert instance is not None
    assert instance.pid == worker.pid
    assert board.is_waiting(instance)
    assert worker.poll() is None
    board.disarm(PLACE)
    assert worker.wait(30) == 0
    assert not board.is_waiting(instance)
    board.disarm(PLACE)


def test_only_the_first_process_waits(board: FailpointBoard) -> None:
    """A retry, or another task of the stage, passes where one has stopped already."""
    board.arm(PLACE, LONG)
    first = passing()
    await_(lambda: arrived(board), "the first process to arrive")
    reach(PLACE)
    assert first.poll() is None
    board.disarm(PLACE)
    assert first.wait(30) == 0


def test_of_many_that_arrive_at_once_one_waits(board: FailpointBoard) -> None:
    """The claim is taken once, however close they come."""
    board.arm(PLACE, LONG)
    threads = [threading.Thread(target=reach, args=(PLACE,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    await_(lambda: sum(thread.is_alive() for thread in threads) == 1, "all but one to pass")
    board.disarm(PLACE)
    for thread in threads:
        thread.join()


def test_told_to_crash_it_ends_itself_with_sigkill(board: FailpointBoard) -> None:
    """Nothing of its own runs any more: no handler, no finally."""
    board.arm(PLACE, LONG)
    worker = passing()
    await_(lambda: arrived(board), "the process to arrive")
    instance = board.waiting(PLACE)
    assert instance is not None
    threading.Thread(target=worker.wait).start()  # its parent reaps it, as a pipeline's would
    board.crash(instance)
    await_(lambda: worker.returncode == -signal.SIGKILL, "the crash")
    with pytest.raises(PlatformError, match="nobody waits there"):
        board.crash(instance)


def test_an_order_that_nobody_renews_ends_by_itself(board: FailpointBoard) -> None:
    """A pipeline does not wait for an agent that has died."""
    board.arm(PLACE, timedelta(milliseconds=300))
    begun = time.monotonic()
    reach(PLACE)
    assert time.monotonic() - begun >= 0.25
    assert arrived(board)


def test_an_order_can_be_made_longer_while_somebody_waits(board: FailpointBoard) -> None:
    """Renewing counts from now on."""
    board.arm(PLACE, timedelta(seconds=2))
    worker = passing()
    await_(lambda: arrived(board), "the process to arrive")
    board.arm(PLACE, LONG)
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(2.5)
    board.disarm(PLACE)
    assert worker.wait(30) == 0
