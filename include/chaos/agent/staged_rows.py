"""Read how far a stage has come, by the query in its pipeline's landing contract."""

from collections.abc import Callable
from functools import partial

from include.chaos.agent.services import WarehouseReader
from include.chaos.agent.strike_points import StagedRows
from include.chaos.pipeline import Stage
from include.errors import PlatformError


def staged_rows_reader(stage: Stage, open_warehouse: Callable[[], WarehouseReader], dag_run_id: str) -> StagedRows:
    """Give a reader of (staged, expected) rows; it gives None while that is unknown."""
    if stage.staged_rows is None:
        return lambda: None
    return partial(_read, open_warehouse(), stage.staged_rows.read(), dag_run_id)


def _read(warehouse: WarehouseReader, query: str, dag_run_id: str) -> tuple[int, int] | None:
    try:
        rows = warehouse.fetch_rows(query, {"dag_run_id": dag_run_id})
    except PlatformError:
        return None
    if not rows:
        return None
    staged, expected = rows[0]
    return (staged, expected) if isinstance(staged, int) and isinstance(expected, int) else None
