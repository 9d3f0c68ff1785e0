"""The command `chaos-control`: the composition of what each part of the project offers on the command line."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from typer.core import TyperGroup

from include.chaos import (
    agent_commands,
    campaign_commands,
    halt_commands,
    interop_commands,
    pipeline_commands,
    report_commands,
    statistics_commands,
    validation_commands,
)
from include.chaos import commands as chaos_commands
from include.chaos.exit_codes import EXIT_CODES
from include.chaos.report_printing import print_report
from include.chaos.reports.content import build_report
from include.errors import ChaosControlError, ConfigurationError, LabError
from include.lab import commands as lab_commands
from include.lab.lab import Lab
from include.orchestration import window_commands
from include.scale import commands as scale_commands

DEMO_EXPERIMENT = "warehouse_killed_while_landing"

console = Console()


class _Plainly(TyperGroup):
    """Tell an error that says what to do without a traceback."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # typer.Context is click's
        try:
            return super().invoke(ctx)
        except ChaosControlError as error:
            Console(stderr=True).print(f"chaos-control: {error}", style="red", markup=False, highlight=False)
            sys.exit(1)


def _use_lab(lab: lab_commands.LabFolder = None) -> None:
    """Let what follows speak to the lab's servers; variables that are set already win."""
    os.environ.update({**Lab.open(lab).environment(), **os.environ})


def _use_lab_if_any(lab: lab_commands.LabFolder = None) -> None:
    """Let what follows speak to the lab's servers, if there ever was one; journals can be read without."""
    with contextlib.suppress(LabError):
        _use_lab(lab)


app = typer.Typer(
    cls=_Plainly,
    no_args_is_help=True,
    help="Prove that an Airflow data pipeline survives faults.",
    add_completion=False,
)
app.add_typer(lab_commands.app)
app.add_typer(scale_commands.app, name="corpus", callback=_use_lab)
app.add_typer(agent_commands.app, name="agent", callback=_use_lab)
chaos_commands.pipeline_app.command("list")(pipeline_commands.list_pipelines)
chaos_commands.pipeline_app.command("validate")(pipeline_commands.validate)
chaos_commands.pipeline_app.command("init")(pipeline_commands.init)
chaos_commands.pipeline_app.command("twin")(pipeline_commands.make_twin)
app.add_typer(chaos_commands.pipeline_app, name="pipeline", callback=_use_lab_if_any)
chaos_commands.experiment_app.command("stats")(statistics_commands.show_statistics)
chaos_commands.experiment_app.command("results")(statistics_commands.show_results)
chaos_commands.experiment_app.command("close")(halt_commands.close)
app.add_typer(chaos_commands.experiment_app, name="experiment", callback=_use_lab_if_any)
app.add_typer(campaign_commands.app, name="campaign", callback=_use_lab_if_any)
app.command("instruments")(scale_commands.instruments)
app.command("judge")(chaos_commands.judge_journal)
app.command("score")(statistics_commands.show_score)
app.command("windows")(window_commands.windows)
app.command("import")(interop_commands.import_file)
app.command("export")(interop_commands.export_file)


@app.command()
def validate(files: validation_commands.Files, lab: lab_commands.LabFolder = None) -> None:
    """Check experiment files, and say what they would strike, when, and how it would be undone. Nothing is touched."""
    _use_lab_if_any(lab)  # a file can be checked without a lab; what was not is said
    validation_commands.validate(files)


@app.command()
def report(
    runs: report_commands.Runs,
    as_format: report_commands.As = report_commands.Format.HTML,
    output: report_commands.Output = None,
    lab: lab_commands.LabFolder = None,
) -> None:
    """Write the report of one experiment run, or of several together, as one file that needs nothing else."""
    _use_lab_if_any(lab)  # a journal file can be read without a lab
    report_commands.report(runs, as_format, output)


@app.command()
def halt(reason: halt_commands.Reason = "by hand", lab: lab_commands.LabFolder = None) -> None:
    """Undo every fault now, and refuse new strikes until `resume`; it holds when the agent is restarted, too."""
    _use_lab(lab)
    halt_commands.halt(reason)


@app.command()
def resume(lab: lab_commands.LabFolder = None) -> None:
    """Allow strikes again."""
    _use_lab(lab)
    halt_commands.resume()


@app.command()
def demo(
    lab: lab_commands.LabFolder = None,
    songs: Annotated[int, typer.Option(min=1, help="How many songs to generate.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same songs.")] = 7,
    corpus: Annotated[Path | None, typer.Option(help="A folder of real MIDI files, instead of generated ones.")] = None,
) -> None:
    """Bring the lab up, run Scale undisturbed, then strike it, and exit with the verdict."""
    if corpus and not corpus.is_dir():
        raise ConfigurationError(f"--corpus {corpus}: no such folder")
    lab_commands.up(lab)
    _use_lab(lab)
    prefix = _fill_bucket(songs, seed, corpus)
    chaos_commands.run_undisturbed("scale", {"prefix": prefix})
    report = build_report(chaos_commands.conduct(DEMO_EXPERIMENT, {"prefix": prefix}, console))
    print_report(report, console)
    _say_where_to_look(Lab.open(lab), report.experiment_run_id)
    raise typer.Exit(EXIT_CODES[report.verdict.value])


def _fill_bucket(songs: int, seed: int, corpus: Path | None) -> str:
    """Put the demo's songs into the bucket, and give the folder in which they are."""
    if corpus is None:
        scale_commands.generate(songs=songs, seed=seed, prefix=f"synthetic/{seed}/")
        return f"synthetic/{seed}/"
    prefix = f"loaded/{corpus.resolve().name}/"
    scale_commands.load(str(corpus), prefix=prefix)
    return prefix


def _say_where_to_look(lab: Lab, experiment_run_id: str) -> None:
    journal = lab.home.path / "agent" / "journals" / f"{experiment_run_id}.jsonl"
    console.print(f"journal  {journal}", highlight=False, soft_wrap=True)
    console.print(f"report   `.venv/bin/chaos-control report {experiment_run_id}`", highlight=False, soft_wrap=True)
    console.print(f"Airflow  {lab.plan().airflow().url}   (login: `.venv/bin/chaos-control password`)", highlight=False)
    console.print("stop     `make down`", highlight=False)


if __name__ == "__main__":
    app()
