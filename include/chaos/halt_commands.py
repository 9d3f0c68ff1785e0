"""The command line's emergency brake: halt, resume, and close a run that nobody conducts any more."""

from typing import Annotated

import typer
from rich.console import Console

from include.chaos.agent.client import AgentClient
from include.chaos.events import VerdictReached
from include.chaos.journal import parse_journal
from include.chaos.verdict import judge
from include.settings import AgentSettings

UNCONFIRMED = 5
"""Exit code of a halt of which some undo is not confirmed; the agent goes on trying."""

Reason = Annotated[str, typer.Option(help="Why; it is kept in every open journal.")]

console = Console()


def halt(reason: Reason = "by hand") -> None:
    """Undo every fault now, and refuse new strikes until `resume`; it holds when the agent is restarted, too."""
    confirmed = AgentClient(AgentSettings.from_environment()).halt(reason)
    console.print("halted; `chaos-control resume` allows strikes again", highlight=False)
    if not confirmed:
        console.print("some undo is not confirmed yet; the agent goes on trying", style="red", highlight=False)
        raise typer.Exit(UNCONFIRMED)


def resume() -> None:
    """Allow strikes again."""
    AgentClient(AgentSettings.from_environment()).resume()
    console.print("strikes are allowed again", highlight=False)


def close(experiment_run_id: Annotated[str, typer.Argument(help="As the refusal of another run names it.")]) -> None:
    """Undo, judge and close an experiment run that nobody conducts any more."""
    agent = AgentClient(AgentSettings.from_environment())
    entries = parse_journal(agent.journal(experiment_run_id), source=experiment_run_id).entries
    verdict = judge(entries)
    reached = VerdictReached(
        verdict=verdict.value, reasons=verdict.reasons, notes=verdict.notes, judged_until=len(entries)
    )
    agent.close(experiment_run_id, reached)
    console.print(f"{experiment_run_id}: closed, {verdict.value}", highlight=False)
    for reason in verdict.reasons:
        console.print(f"  {reason}", markup=False)
