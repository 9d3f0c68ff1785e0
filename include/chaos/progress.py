"""Bars on the command line for the stages of a pipeline's run that count their staged rows."""

from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from include.chaos.pipeline import Pipeline, Stage
from include.chaos.platforms.postgres import PostgresReader
from include.errors import PlatformError
from include.settings import WarehouseSettings


class StageProgress(AbstractContextManager["StageProgress"]):
    """A bar for each stage that has begun; on a terminal only, as bars are no use in a log."""

    def __init__(self, pipeline: Pipeline, dag_run_id: str, console: Console) -> None:
        """Watch one run; the warehouse's address comes from the environment."""
        self._stages = [stage for stage in pipeline.stages if stage.staged_rows]
        self._dag_run_id = dag_run_id
        self._reader = PostgresReader(
            WarehouseSettings.named(pipeline.warehouse), application_name="chaos-control progress"
        )
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> "StageProgress":
        """Draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bars away."""
        self._progress.stop()
        self._reader.close()

    def show(self, running: set[str]) -> None:
        """Bring the bars of running stages up to date; they stand still while the warehouse does not answer."""
        for stage in self._stages:
            if stage.task_id in running and not self._progress.disable:
                self._advance(stage)

    def _advance(self, stage: Stage) -> None:
        assert stage.staged_rows is not None  # noqa: S101  # the others were left out
        try:
            rows = self._reader.fetch_rows(stage.staged_rows.read(), {"dag_run_id": self._dag_run_id})
        except PlatformError:
            return
        for staged, expected in rows:
            if stage.task_id not in self._bars:
                self._bars[stage.task_id] = self._progress.add_task(stage.task_id)
            total = int(expected or 0) or None
            self._progress.update(self._bars[stage.task_id], completed=int(staged or 0), total=total)
