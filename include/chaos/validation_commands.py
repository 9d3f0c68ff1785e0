"""The command line's part for checking experiment files before anything is struck."""

import socket
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from include.chaos.dry_run import StrikePlan
from include.chaos.platforms.addresses import LocalAddresses
from include.chaos.platforms.local import LocalPlatform
from include.chaos.validation import LiveSite, Validation, validate_file
from include.errors import ConfigurationError
from include.settings import LocalSite, LocalSiteSettings

_SECONDS = 2.0

Files = Annotated[list[Path], typer.Argument(help="Experiment files.")]

console = Console(soft_wrap=True, highlight=False)


def validate(files: Files) -> None:
    """Check experiment files, and say what they would strike, when, and how it would be undone. Nothing is touched."""
    site, why_not = find_live_site()
    validations = [validate_file(path, LocalPlatform, site) for path in files]
    for validation in validations:
        _print(validation)
    if why_not:
        console.print(
            f"not checked: {why_not}. So whether the targets and the probes' components are there, and which instances "
            "would be selected, is not known. `chaos-control up` starts a lab.",
            style="yellow",
            markup=False,
        )
    wrong = sum(bool(validation.errors) for validation in validations)
    console.print(f"{len(files) - wrong} of {len(files)} files are valid; nothing was touched", markup=False)
    raise typer.Exit(1 if wrong else 0)


def find_live_site() -> tuple[LiveSite | None, str | None]:
    """Find the lab that the environment names, if it is up; otherwise say why there is none."""
    try:
        settings = LocalSiteSettings.from_environment()
        site = LocalSite.read(settings.file)
    except ConfigurationError:
        return None, "no lab was ever up here"
    address = urlsplit(site.supervisor_url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=_SECONDS).close()
    except OSError:
        return None, f"the lab at {site.home} is not up"
    return LiveSite(platform=LocalPlatform(settings), addresses=LocalAddresses()), None


def _print(validation: Validation) -> None:
    if validation.errors:
        for error in validation.errors:
            console.print(error, style="red", markup=False)
        return
    console.print(f"{validation.source}: valid", style="green", markup=False)
    console.print(f"  {_say_runs(validation.runs)}", markup=False)
    for strike in validation.strikes:
        _print_strike(strike)


def _say_runs(runs: int) -> str:
    return "1 experiment run" if runs == 1 else f"{runs} experiment runs, one after another"


def _print_strike(strike: StrikePlan) -> None:
    console.print(f"  strike {strike.name}", markup=False)
    for label in ("what", "where", "when", "hold", "undo"):
        console.print(f"    {label:<6}{getattr(strike, label)}", markup=False)
