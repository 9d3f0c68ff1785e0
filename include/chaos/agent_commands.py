"""The command line's view of the agent: how it is, what it holds open, and what it wrote."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include.chaos.agent.client import AgentClient
from include.chaos.agent.run_status import RunStatus
from include.settings import AgentSettings

app = typer.Typer(help="Ask the agent how it is, what it holds open, and for its journals.", no_args_is_help=True)
console = Console()


@app.command()
def status() -> None:
    """Tell whether the agent answers, is halted, and which experiment runs and leases it holds open."""
    agent = AgentClient(AgentSettings.from_environment())
    health, runs = agent.health(), agent.open_runs()
    halted = (
        f"halted since {health.halted.since:%Y-%m-%d %H:%M:%S} UTC: {health.halted.reason}" if health.halted else ""
    )
    console.print(halted or "the agent answers, and strikes are allowed", markup=False, highlight=False)
    console.print(_table(runs) if runs else "no experiment run is open")


@app.command()
def journal(experiment_run_id: Annotated[str, typer.Argument(help="Open or closed.")]) -> None:
    """Print a run's journal, JSON lines, as it stands."""
    sys.stdout.write(AgentClient(AgentSettings.from_environment()).journal(experiment_run_id))


def _table(runs: tuple[RunStatus, ...]) -> Table:
    table = Table("experiment run", "pipeline's run", "strike", "lease", "ended")
    for run in runs:
        for strike in run.strikes:
            ended = strike.ended.outcome.value if strike.ended else ""
            table.add_row(
                run.experiment_run_id, run.dag_run_state or "not seen", strike.name, strike.lease or "none", ended
            )
    return table
