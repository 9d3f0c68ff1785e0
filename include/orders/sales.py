"""From a shop's orders to what its analysts read: an hour's sales by product, and what was bought together.

Plain SQL, stage by stage, in one database. Each stage may run again at any moment, and two tries of one take turns: who
writes for a run holds the lock on its row of `shop.load`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import psycopg

from include.errors import LandingError
from include.failpoints import Failpoint, reach
from include.settings import REPO_ROOT, WarehouseSettings

BATCH_ORDERS = 1_000

_SQL = REPO_ROOT / "include" / "sql" / "orders"

# A network that swallows packets is noticed, and a frozen client's locks are dropped.
_LIMITS = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "options": "-c idle_in_transaction_session_timeout=30s",
}

Cursor = psycopg.Cursor[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyRun:
    """One run of the pipeline: the hour that it lands, and how many orders the shop is to have had in it."""

    dag_run_id: str
    hour: datetime
    orders: int
    seed: int

    def parameters(self) -> dict[str, object]:
        """Give what statements are bound to."""
        return {"dag_run_id": self.dag_run_id, "hour": self.hour, "orders": self.orders, "seed": self.seed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The shop's database. It is not waited for: a task that cannot reach it fails, and Airflow tries again."""

    settings: WarehouseSettings

    def receive_orders(self, run: HourlyRun) -> None:
        """Make the tables, and stand in for the shop: write the hour's orders, unless they are there already."""
        with self._transaction() as do:
            do("lock_schema")
            do("schema")
            do("source/products")
            if do("source/made_up", **run.parameters()).fetchone() == (run.orders, run.seed):
                return
            for step in ("forget", "orders", "lines", "note"):
                do(f"source/{step}", **run.parameters())

    def load_orders(self, run: HourlyRun) -> None:
        """Copy the hour's orders with what they are worth, batch by batch, on from where the last try came to."""
        with self._transaction() as do:
            do("load/sweep", **run.parameters())
            do("load/begin", **run.parameters())
        while self._load_batch(run):
            _pass(run, "load_orders", "batch_loaded")

    def aggregate_sales(self, run: HourlyRun) -> None:
        """Add up what was loaded.

        A load that the planner knows nothing of is one row to it, and pairs would be found by comparing all with all.
        """
        with self._transaction() as do:
            do("sales/analyze")
        with self._transaction() as do:
            load_id = self._lock(do, run)
            for step in ("forget_products", "forget_pairs", "aggregate_products", "aggregate_pairs"):
                do(f"sales/{step}", load_id=load_id)
            _pass(run, "aggregate_sales", "aggregated")

    def publish_sales(self, run: HourlyRun) -> None:
        """Show the hour's sales in both relations at once."""
        with self._transaction() as do:
            load_id = self._lock(do, run)
            for step in ("hide_products", "hide_pairs", "show_products", "show_pairs"):
                do(f"sales/{step}", load_id=load_id, hour=run.hour)
            do("sales/publish", **run.parameters())
            _pass(run, "publish_sales", "sales_shown")
        _pass(run, "publish_sales", "published")

    def check_sales(self, run: HourlyRun) -> str:
        """Give the hour's revenue; raise `LandingError` when analysts read something else than what was loaded."""
        with self._transaction() as do:
            [(published, loaded, landed)] = do("sales/check", load_id=self._lock(do, run), hour=run.hour).fetchall()
        if published != run.dag_run_id or loaded != landed:
            raise LandingError(f"{run.dag_run_id} loaded {loaded}, and analysts read {landed} of {published}")
        return str(landed)

    def _load_batch(self, run: HourlyRun) -> bool:
        """Load the next orders; tell whether there were any."""
        with self._transaction() as do:
            load_id = self._lock(do, run)
            return bool(do("load/batch", load_id=load_id, batch=BATCH_ORDERS).fetchone())

    def _lock(self, do: "Do", run: HourlyRun) -> int:
        """Wait until nobody else writes for the run; give the number of what it has loaded."""
        row = do("load/lock", dag_run_id=run.dag_run_id).fetchone()
        if row is None:
            raise LandingError(f"run {run.dag_run_id} has loaded nothing, or a later one has swept it away")
        return int(row[0])

    @contextmanager
    def _transaction(self) -> Iterator["Do"]:
        arguments: dict[str, Any] = {**self.settings.connect_arguments(), **_LIMITS}
        with psycopg.connect(**arguments, application_name="orders") as connection:
            yield lambda name, **parameters: connection.execute(_statement(name), parameters or None)


Do = Callable[..., Cursor]
"""Runs the statement of a name within a transaction, with what it is bound to."""


def _pass(run: HourlyRun, stage: str, name: str) -> None:
    reach(Failpoint(run_id=run.dag_run_id, stage=stage, name=name))


@cache
def _statement(name: str) -> bytes:
    return (_SQL / f"{name}.sql").read_bytes()
