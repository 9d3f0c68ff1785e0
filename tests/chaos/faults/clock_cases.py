"""The scene of a wrong clock: a real PostgreSQL that is asked for the time of day."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from include.chaos.faults.clock_skew import ClockSkew
from include.chaos.model import TargetInstance
from include.chaos.platforms.local import LocalPlatform
from tests.chaos.faults.process_cases import on_warehouse
from tests.chaos.faults.scene import Scene, SmallLab

AHEAD = timedelta(hours=1)


@contextmanager
def clock_skew(lab: SmallLab) -> Iterator[Scene]:
    """The warehouse is an hour ahead."""
    if lacking := LocalPlatform.lacking(ClockSkew.needs):
        pytest.skip(f"this machine lacks {lacking[0]}")
    order = lab.lab.home.holds / "warehouse.clock"

    def is_skewed(_instance: TargetInstance) -> bool:
        return abs(_seconds_ahead(lab) - AHEAD.total_seconds()) < AHEAD.total_seconds() / 2

    def is_whole() -> bool:
        return abs(_seconds_ahead(lab)) < AHEAD.total_seconds() / 2 and not order.exists()

    try:
        with on_warehouse(ClockSkew(ahead=AHEAD), lab, is_struck=is_skewed) as scene:
            yield replace(scene, is_whole=is_whole)
    finally:
        order.unlink(missing_ok=True)


def _seconds_ahead(lab: SmallLab) -> float:
    """Ask the warehouse for its time; one that does not answer is nowhere near any."""
    arguments = lab.lab.plan().warehouse().connect_arguments()
    try:
        with psycopg.connect(**arguments, connect_timeout=2) as client:  # type: ignore[arg-type]  # str | int is what libpq takes
            [(told,)] = client.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchall()
    except psycopg.Error:
        return -AHEAD.total_seconds()
    return float(told) - time.time()
