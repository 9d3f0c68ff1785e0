"""When DAGs run by themselves, as the site says."""

from include.settings import OrdersSettings


def orders_schedule() -> str | None:
    """Give the schedule of `hourly_orders`; none where it is run by hand only."""
    return OrdersSettings.from_environment().schedule or None
