"""The command line's part for campaigns: run one, go on with one, list them, write a scorecard."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include.chaos.agent.client import AgentClient
from include.chaos.campaigns.campaign import campaign_files, read_campaign
from include.chaos.campaigns.matrix import campaign_id
from include.chaos.campaigns.outcomes import CampaignRecord
from include.chaos.campaigns.scorecard import Scorecard, build_scorecard
from include.chaos.commands import parse_conf
from include.chaos.dag_runs import run_dag, stamp
from include.chaos.exit_codes import EXIT_CODES
from include.chaos.model import VerdictValue
from include.chaos.platforms.airflow import AirflowClient, Parameters
from include.chaos.report_commands import STDOUT, Format
from include.errors import ConfigurationError
from include.settings import AgentSettings, AirflowSettings

DAG_ID = "chaos_campaign"

console = Console(soft_wrap=True, highlight=False)
aside = Console(stderr=True, soft_wrap=True, highlight=False)
app = typer.Typer(help="Run many experiments to one scorecard.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A campaign's name, such as `smoke`; its files are in include/campaigns/.")]
Conf = Annotated[
    list[str],
    typer.Option("--conf", help="PIPELINE.NAME=VALUE, a parameter of that pipeline's runs; repeatable."),
]
Resume = Annotated[
    str | None, typer.Option(help="Go on with this campaign, by its id: what has a verdict is not run again.")
]
AsFormat = Annotated[Format, typer.Option("--format", help="What to write; all say the same.")]
Output = Annotated[str | None, typer.Option(help="The file to write; else standard output.")]


@app.command("run")
def run(name: Name, conf: Conf = [], resume: Resume = None) -> None:  # noqa: B006  # typer reads it, nobody writes it
    """Run a campaign through Airflow, print its scorecard, and exit with what it says.

    0: every cell has passed. 1: a cell has failed. 5: what passed in the last campaign of the name has failed now.
    4: nothing failed, but something is inconclusive or without a verdict, or the campaign was cut off. 3: nothing
    failed, but something was not exercised.
    """
    dag_run_id = f"manual__{stamp()}"
    identity = resume or campaign_id(name, dag_run_id)
    asked: Parameters = {"resume": resume} if resume else {"campaign": name, "pipeline_conf": read_conf(conf)}
    scored_before = _require_resumable(name, resume, conf).end if resume else None
    aside.print(f"campaign {identity}; if this is interrupted, `--resume {identity}` goes on with it", markup=False)
    run_dag(AirflowClient(AirflowSettings.from_environment()), DAG_ID, dag_run_id, asked, console=aside)
    record = _agent().campaign(identity)
    if record.end is None or record.end == scored_before:
        console.print(f"cut off before its scorecard; `--resume {identity}` goes on with it", style="red", markup=False)
        raise typer.Exit(EXIT_CODES[VerdictValue.INCONCLUSIVE])
    card = _score(record)
    print_scorecard(card)
    raise typer.Exit(card.exit_code)


@app.command("list")
def list_campaigns() -> None:
    """List the campaigns that ship, and those that were run here, with their scores."""
    shipped = Table("campaign", "title", "cells")
    for path in campaign_files():
        campaign = read_campaign(path)
        cells = sum(entry.repeats * max(1, len(entry.strike_points)) for entry in campaign.experiments)
        shipped.add_row(path.stem, campaign.title, str(cells))
    console.print(shipped)
    try:
        records = _agent().campaigns()
    except ConfigurationError:
        aside.print("no lab was ever up here, so no campaign was run", style="yellow")
        return
    run_here = Table("run here", "begun", "cells", "score")
    for record in records:
        run_here.add_row(record.plan.campaign_id, f"{record.plan.began_at:%Y-%m-%d %H:%M}", *_say_end(record, records))
    console.print(run_here)


@app.command("scorecard")
def scorecard(
    name: Annotated[str, typer.Argument(help="A campaign's id, or a name: then its last one that came to its end.")],
    as_format: AsFormat = Format.MARKDOWN,
    output: Output = None,
) -> None:
    """Write a campaign's scorecard, and exit with what it says, as `run` does."""
    card = _score(find_record(name, _agent().campaigns()))
    text = render(card, as_format)
    if output is None or output == STDOUT:
        sys.stdout.write(text)
    else:
        Path(output).write_text(text, encoding="utf8")
        aside.print(f"scorecard  {Path(output).resolve()}", markup=False)
    raise typer.Exit(card.exit_code)


@app.command("validate")
def validate(files: Annotated[list[Path], typer.Argument(help="Campaign files.")]) -> None:
    """Check campaign files; nothing is run."""
    for path in files:
        campaign = read_campaign(path)
        console.print(f"{path}: valid, {campaign.title}", style="green", markup=False)


def find_record(name: str, records: tuple[CampaignRecord, ...]) -> CampaignRecord:
    """Find a campaign by its id, or the last of a name that came to its end; raise `ConfigurationError` for none."""
    for record in records:
        if record.plan.campaign_id == name:
            return record
    ended = [record for record in records if record.plan.name == name and record.end]
    if not ended:
        known = ", ".join(record.plan.campaign_id for record in records) or "none"
        raise ConfigurationError(f"campaign: none that came to its end is called {name!r}; there are: {known}")
    return max(ended, key=lambda record: record.plan.began_at)


def read_conf(pairs: list[str]) -> Parameters:
    """Read `PIPELINE.NAME=VALUE` pairs, by pipeline."""
    conf: dict[str, Parameters] = {}
    for key, value in parse_conf(pairs).items():
        pipeline, separator, parameter = key.partition(".")
        if not separator or not pipeline or not parameter:
            raise ConfigurationError(f"--conf {key}={value}: expected PIPELINE.NAME=VALUE, such as scale.prefix=songs/")
        conf.setdefault(pipeline, {})[parameter] = value
    return dict(conf)


def render(card: Scorecard, as_format: Format) -> str:
    """Write a scorecard."""
    match as_format:
        case Format.HTML:
            from include.chaos.rendering.html import render_scorecard

            return render_scorecard(card)
        case Format.MARKDOWN:
            from include.chaos.rendering.markdown import render_scorecard_as_markdown

            return render_scorecard_as_markdown(card)
        case Format.JSON:
            return card.model_dump_json(indent=2) + "\n"


def print_scorecard(card: Scorecard) -> None:
    """Print each cell's verdict, the score, and what has changed."""
    table = Table("cell", "verdict")
    for outcome in card.outcomes:
        table.add_row(f"{outcome.cell.case}, {outcome.cell.repeat}", outcome.said)
    console.print(table)
    console.print(f"resilience score: {card.score_said}. {card.apart_said}", markup=False)
    for heat_map in card.coverage:
        console.print(f"coverage of {heat_map.pipeline}: {heat_map.essence}", markup=False)
    console.print(card.compared.essence if card.compared else "no earlier campaign to compare with", markup=False)
    console.print(card.meaning, markup=False)


def _require_resumable(name: str, campaign: str, conf: list[str]) -> CampaignRecord:
    record = _agent().campaign(campaign)
    if record.plan.name != name:
        raise ConfigurationError(f"--resume {campaign}: that is a campaign {record.plan.name!r}, not {name!r}")
    if conf:
        raise ConfigurationError("--resume: a campaign goes on as it was begun; expected no --conf")
    return record


def _score(record: CampaignRecord) -> Scorecard:
    return build_scorecard(record, _agent().campaigns())


def _say_end(record: CampaignRecord, records: tuple[CampaignRecord, ...]) -> tuple[str, str]:
    cells = str(len(record.plan.cells))
    return cells, build_scorecard(record, records).score_said if record.end else "has not come to its end"


def _agent() -> AgentClient:
    return AgentClient(AgentSettings.from_environment())
