"""Add up a shop's sales, hour by hour.

| task | what it does |
|---|---|
| `receive_orders` | stands in for the shop: writes the hour's orders into its tables, the same for each seed |
| `load_orders` | copies the hour's orders with what they are worth, batch by batch |
| `aggregate_sales` | adds them up by product, and counts which products were bought together |
| `publish_sales` | shows both sums to analysts in one transaction |
| `check_sales` | checks that analysts read this run's sums, and that they are worth what was loaded |

Nothing but SQL in one database, where the orders are, too. Each task can be cleared and run again at any moment: one
that is cut off fails, and Airflow runs it again. The rows land in `shop.sales_by_product` and `shop.bought_together`.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import Asset, Param, chain, dag, task

from include.orchestration.schedules import orders_schedule

PARAMS = {
    "hour": Param(
        "",
        type="string",
        description="The hour whose orders are added up, such as 2026-01-05T12:00:00+00:00; empty for the last whole "
        "one before the run.",
    ),
    "orders": Param(
        20_000, type="integer", minimum=1, maximum=9_999_999, description="How many orders the shop had in that hour."
    ),
    "seed": Param(7, type="integer", minimum=0, description="The same seed gives the same orders."),
}


@dag(
    schedule=orders_schedule(),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args={"retries": 5, "retry_delay": timedelta(seconds=3), "execution_timeout": timedelta(minutes=10)},
    doc_md=__doc__,
    tags=["orders"],
)
def hourly_orders() -> None:
    """Land an hour's sales by product, and what was bought together."""

    @task
    def receive_orders() -> None:
        """Let the shop have had its orders."""
        from include.orchestration import orders_tasks

        orders_tasks.receive_orders()

    @task
    def load_orders() -> None:
        """Copy the hour's orders."""
        from include.orchestration import orders_tasks

        orders_tasks.load_orders()

    @task
    def aggregate_sales() -> None:
        """Add up what was loaded."""
        from include.orchestration import orders_tasks

        orders_tasks.aggregate_sales()

    @task
    def publish_sales() -> None:
        """Show the sums at once."""
        from include.orchestration import orders_tasks

        orders_tasks.publish_sales()

    @task(outlets=[Asset(name="shop_sales")])
    def check_sales() -> None:
        """Check what analysts now read."""
        from include.orchestration import orders_tasks

        orders_tasks.check_sales()

    chain(receive_orders(), load_orders(), aggregate_sales(), publish_sales(), check_sales())


hourly_orders()
