"""What an hourly run lands: the hour that it is asked for, or the last whole one."""

from datetime import UTC, datetime

import pytest

from include.orchestration.orders_tasks import hourly_run


@pytest.mark.parametrize(
    ("asked", "hour"),
    [("", datetime(2026, 1, 5, 23, tzinfo=UTC)), ("2026-01-01T05:00:00+00:00", datetime(2026, 1, 1, 5, tzinfo=UTC))],
)
def test_a_run_lands_one_hour(asked: str, hour: datetime) -> None:
    """A scheduled run is due when its hour has ended; every try finds the same one."""
    run = hourly_run("run-1", datetime(2026, 1, 6, 0, 4, 59, tzinfo=UTC), {"hour": asked, "orders": 5, "seed": 7})
    assert (run.dag_run_id, run.hour, run.orders, run.seed) == ("run-1", hour, 5, 7)
