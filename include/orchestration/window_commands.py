"""The command line's part for chaos windows: check them, and show what they make run."""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer
from rich.console import Console

from include.chaos.experiment import load_experiment
from include.errors import ConfigurationError
from include.orchestration.window_moments import PlannedRun, runs_after
from include.orchestration.windows import Window, check_window, window_files

console = Console(soft_wrap=True, highlight=False)

ExperimentId = Annotated[str | None, typer.Argument(help="Whose runs are shown; else those of every window.")]
Count = Annotated[int, typer.Option(min=1, help="How many of the next runs are shown.")]


def windows(experiment: ExperimentId = None, count: Count = 10) -> None:
    """Check the chaos windows, and show the runs that they make; nothing is touched."""
    wanted = experiment.replace("-", "_") if experiment else None
    if wanted:
        load_experiment(wanted)
    checked = {path.stem: check_window(path) for path in window_files()}
    shown = {name: window for name, window in checked.items() if wanted is None or wanted in window.experiments}
    if not shown:
        raise ConfigurationError(f"{experiment or 'nothing'} is in no window, so it is never started by itself")
    for name, window in shown.items():
        _show(name, window, [*islice(_runs(window, wanted), count)])


def _runs(window: Window, wanted: str | None) -> list[PlannedRun]:
    return [run for run in runs_after(window, datetime.now(UTC)) if wanted in (None, run.experiment_id)]


def _show(name: str, window: Window, runs: list[PlannedRun]) -> None:
    console.print(f"{name}: {window.summary}", markup=False)
    if not window.experiments:
        console.print("  no experiment is named, so nothing begins by itself", markup=False)
    elif not runs:
        console.print("  nothing begins until the end of next year: no moment is left", style="yellow", markup=False)
    for run in runs:
        local = f"{run.at.astimezone(window.zone):%a %Y-%m-%d %H:%M:%S %Z}"
        console.print(f"  {local}  {run.at:%H:%M:%SZ}  {run.experiment_id}", markup=False)
