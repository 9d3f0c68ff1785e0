"""The second pipeline, of SQL alone, on real servers: struck as it ships, by an engine that knows nothing of it."""

import pytest

from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def orders(site: Site) -> Site:
    """The lab, with an undisturbed run of hourly orders behind it."""
    site.command("pipeline", "run", "orders")
    return site


@pytest.mark.parametrize(
    "experiment_id",
    ["warehouse_killed_while_aggregating", "sessions_terminated_while_publishing", "task_killed_while_loading"],
)
def test_hourly_orders_survive(orders: Site, experiment_id: str) -> None:
    """The command fails unless the verdict is `passed`: struck, seen, recovered, every row right, and fresh enough."""
    said = orders.command("experiment", "run", experiment_id).stdout
    assert "verdict: passed" in said
    assert "fresh by" in said
    assert "objects in the manifest" not in said


def test_two_undisturbed_runs_differ_by_zero_rows(orders: Site) -> None:
    """And are kept as a twin."""
    assert "differ by zero rows" in orders.command("pipeline", "twin", "orders").stdout
