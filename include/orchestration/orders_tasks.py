"""What the tasks of `hourly_orders` do; the DAG file only wires them."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from airflow.sdk import get_current_context

from include.orchestration.connections import warehouse_settings
from include.orders.sales import HourlyRun, Shop

_log = logging.getLogger(__name__)


def receive_orders() -> None:
    """Let the shop have had its orders."""
    _shop().receive_orders(_this_run())


def load_orders() -> None:
    """Copy them."""
    _shop().load_orders(_this_run())


def aggregate_sales() -> None:
    """Add them up."""
    _shop().aggregate_sales(_this_run())


def publish_sales() -> None:
    """Show the sums to analysts."""
    _shop().publish_sales(_this_run())


def check_sales() -> None:
    """Check what analysts now read."""
    run = _this_run()
    _log.info("%s: revenue %s", run.hour, _shop().check_sales(run))


def hourly_run(dag_run_id: str, run_after: datetime, params: Mapping[str, object]) -> HourlyRun:
    """Say what a run lands: the hour that it is asked for, or the last whole one before it was due."""
    asked = str(params["hour"])
    last_whole = run_after.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    return HourlyRun(
        dag_run_id=dag_run_id,
        hour=datetime.fromisoformat(asked) if asked else last_whole,
        orders=int(str(params["orders"])),
        seed=int(str(params["seed"])),
    )


def _this_run() -> HourlyRun:
    context = get_current_context()
    return hourly_run(context["run_id"], context["dag_run"].run_after, context["params"])


def _shop() -> Shop:
    return Shop(settings=warehouse_settings("scale_warehouse"))
