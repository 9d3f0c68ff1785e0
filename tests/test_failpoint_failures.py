"""Ordered failures at a failpoint."""

from datetime import timedelta
from pathlib import Path

import pytest

from include.chaos.platforms.failpoint_board import FailpointBoard
from include.failpoints import ARMED, FAIL, HIT, HOME_VARIABLE, Failpoint, FailpointError, reach

PLACE = Failpoint(run_id="run", stage="load", name="written")


def order(folder: Path, share: float, seconds: float) -> None:
    """Let somebody have been here first, and such a share fail from now on."""
    FailpointBoard(folder).arm(PLACE, timedelta(seconds=seconds))
    (PLACE.folder(folder) / HIT).touch()
    (PLACE.folder(folder) / FAIL).write_text(str(share))


def failures(attempts: int) -> int:
    failed = 0
    for _ in range(attempts):
        try:
            reach(PLACE)
        except FailpointError:
            failed += 1
    return failed


def test_such_a_share_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand attempts, about that many."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    order(tmp_path, 0.3, seconds=60)
    assert 200 < failures(1000) < 400  # seven standard deviations


def test_nobody_fails_when_the_order_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends by itself, whoever is dead."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    order(tmp_path, 1, seconds=-1)
    assert (PLACE.folder(tmp_path) / ARMED).exists()
    assert failures(10) == 0
