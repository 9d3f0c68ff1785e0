"""The lab's part of the command line."""

import dataclasses
import json
import shlex
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include.lab.lab import Lab
from include.lab.layout import HOME_VARIABLE
from include.lab.progress_table import ProgressTable
from include.lab.status import ComponentStatus, State
from include.settings import AirflowSettings, WebappSettings

LabFolder = Annotated[
    Path | None,
    typer.Option(
        "--lab", metavar="DIR", envvar=HOME_VARIABLE, help="The lab's folder; .lab in the repository if unset."
    ),
]

_COLOURS = {State.HEALTHY: "green", State.STARTING: "yellow", State.HELD: "magenta", State.DOWN: "red"}

app = typer.Typer()


@app.command()
def up(lab: LabFolder = None) -> None:
    """Start the servers that are not running, and wait until all are healthy."""
    console = Console()
    opened = Lab.open(lab)
    began = time.monotonic()
    with ProgressTable(console) as progress:
        changed = opened.up(progress)
    if changed:
        console.print(f"The lab at {opened.home.path} is up, in {time.monotonic() - began:.0f} s.")
    else:
        console.print(f"The lab at {opened.home.path} is already up.")
    _print_addresses(console, opened)


@app.command()
def down(
    lab: LabFolder = None,
    purge: Annotated[bool, typer.Option("--purge", help="Also delete the lab's data, logs and secrets.")] = False,  # noqa: FBT002  # typer's way of a flag
) -> None:
    """Stop every process of the lab; its data stay."""
    opened = Lab.open(lab)
    reaped = opened.down(purge=purge)
    also = f" {reaped} stray process{'es' if reaped != 1 else ''} ended." if reaped else ""
    Console().print(f"The lab at {opened.home.path} is down.{also}{' Its data are deleted.' if purge else ''}")


@app.command()
def status(
    lab: LabFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,  # noqa: FBT002  # typer's way of a flag
) -> None:
    """Show what each component is doing; exit code 1 unless all are healthy."""
    opened = Lab.open(lab)
    seen = opened.status()
    if as_json:
        typer.echo(json.dumps([_plain(component) for component in seen], indent=2))
    else:
        Console().print(_table(seen))
        _print_addresses(Console(), opened)
    if any(component.state is not State.HEALTHY for component in seen):
        raise typer.Exit(1)


@app.command()
def logs(
    component: Annotated[str, typer.Argument(help="As in `status`, e.g. airflow_scheduler.")],
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines from the end.")] = 50,
    lab: LabFolder = None,
) -> None:
    """Print the end of a component's log."""
    typer.echo(Lab.open(lab).log_tail(component, lines))


@app.command()
def env(lab: LabFolder = None) -> None:
    """Print the lab's addresses and secrets as `export` lines, for `eval "$(chaos-control env)"`."""
    exports = Lab.open(lab).environment()
    print("# these lines hold the lab's passwords in clear", file=sys.stderr)
    for name, value in sorted(exports.items()):
        typer.echo(f"export {name}={shlex.quote(value)}")


@app.command()
def password(lab: LabFolder = None) -> None:
    """Print the address and login of Airflow, and of the recommender."""
    plan = Lab.open(lab).plan()
    sites: dict[str, AirflowSettings | WebappSettings] = {"Airflow": plan.airflow(), "Recommender": plan.webapp()}
    for name, site in sites.items():
        typer.echo(f"{name}\n  url       {site.url}\n  user      {site.user}")
        typer.echo(f"  password  {site.password.get_secret_value()}")


def _print_addresses(console: Console, lab: Lab) -> None:
    plan = lab.plan()
    for name, url in {"Airflow": plan.airflow().url, "Recommender": plan.webapp().url}.items():
        console.print(f"{name + ':':<13}{url}   (login: `chaos-control password`)", highlight=False)


def _plain(component: ComponentStatus) -> dict[str, str | int | float | None]:
    told = dataclasses.asdict(component)
    return told | {"uptime": component.uptime and component.uptime.total_seconds()}


def _table(seen: Iterable[ComponentStatus]) -> Table:
    table = Table("component", "state", "pid", "port", "uptime", "why", box=None)
    for component in seen:
        colour = _COLOURS[component.state]
        numbers = (component.pid, component.port, component.uptime)
        table.add_row(
            component.name,
            f"[{colour}]{component.state}[/]",
            *("" if number is None else str(number) for number in numbers),
            component.reason or "",
        )
    return table
