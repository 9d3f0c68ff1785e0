"""The command line's part for pipelines and experiments: start, watch, report, judge again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include.chaos.agent.client import AgentClient
from include.chaos.dag_runs import run_dag, stamp
from include.chaos.documents import read_document
from include.chaos.exit_codes import EXIT_CODES
from include.chaos.experiment import Experiment, experiment_files, experiment_id_of, load_experiment
from include.chaos.journal import parse_journal, read_journal
from include.chaos.layers import Layer
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.airflow import AirflowClient, Parameters
from include.chaos.progress import StageProgress
from include.chaos.repetition_commands import run_repeatedly
from include.chaos.report_printing import print_report
from include.chaos.reports.content import build_report
from include.chaos.statistics import Journal
from include.errors import ConfigurationError, PlatformError
from include.settings import AgentSettings, AirflowSettings

console = Console()
pipeline_app = typer.Typer(help="Pipelines under test: describe them, and run them undisturbed.", no_args_is_help=True)
experiment_app = typer.Typer(help="Run experiments and read what they found.", no_args_is_help=True)

Conf = Annotated[list[str], typer.Option("--conf", help="NAME=VALUE, a parameter of the pipeline's run; repeatable.")]
Ablate = Annotated[
    list[Layer],
    typer.Option("--ablate", help="A layer that may not carry the pipeline's run on; repeatable. See docs/verdict.md."),
]
Repeat = Annotated[
    int | None, typer.Option(min=1, help="How many runs, one after another; else as the experiment's file says.")
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON: verdicts, exit code, statistics; progress goes to stderr.")
]


@pipeline_app.command("run")
def run_pipeline(name: Annotated[str, typer.Argument(help="A landing contract's name.")], conf: Conf = []) -> None:  # noqa: B006  # typer reads it, nobody writes it
    """Run a pipeline once, undisturbed, and wait for its end."""
    run_undisturbed(name, parse_conf(conf))


def run_undisturbed(name: str, conf: Parameters) -> str:
    """Run a pipeline once and give the run's id; raise `PlatformError` when it does not end well."""
    airflow = AirflowClient(AirflowSettings.from_environment())
    pipeline = load_pipeline(name)
    dag_run_id = f"undisturbed__{stamp()}"
    progress = StageProgress(pipeline, dag_run_id, console)
    parameters = {**pipeline.conf, **conf}
    run = run_dag(airflow, pipeline.dag_id, dag_run_id, parameters, console=console, progress=progress)
    if run.state != "success":
        raise PlatformError(f"the pipeline's run {run.dag_run_id} ended `{run.state}`; its tasks' logs are in Airflow")
    return dag_run_id


@experiment_app.command("list")
def list_experiments() -> None:
    """List the experiments that ship, with their claims."""
    table = Table("experiment", "claim")
    for path in experiment_files():
        table.add_row(experiment_id_of(path), read_document(path, Experiment).hypothesis.title)
    console.print(table)


@experiment_app.command("run")
def run_experiment(
    experiment_id: str,
    conf: Conf = [],  # noqa: B006  # as above
    ablate: Ablate = [],  # noqa: B006  # as above
    repeat: Repeat = None,
    as_json: AsJson = False,  # noqa: FBT002  # typer's options are booleans
) -> None:
    """Run an experiment through its DAG, as often as it asks for, and exit with the verdict.

    Of several runs, the worst verdict counts: failed (1), inconclusive (4), not_exercised (3), passed (0). When an
    interruption leaves some out, it is inconclusive or worse.
    """
    experiment = load_experiment(experiment_id)
    load_pipeline(experiment.pipeline).without(ablate)
    planned = experiment.repeat if repeat is None else repeat
    parameters = parse_conf(conf)
    code = run_repeatedly(
        lambda progress: conduct(experiment_id, parameters, progress, ablate), planned, as_json=as_json
    )
    raise typer.Exit(code)


def conduct(experiment_id: str, conf: Parameters, progress: Console, ablate: Iterable[Layer] = ()) -> Journal:
    """Run one experiment through its DAG, without some layers, show how it goes, and give its journal."""
    load_experiment(experiment_id)
    experiment_id = experiment_id.replace("-", "_")
    dag_run_id = f"manual__{stamp()}"
    asked: Parameters = {"pipeline_conf": dict(conf), "ablate": [str(layer) for layer in ablate]}
    airflow = AirflowClient(AirflowSettings.from_environment())
    run_dag(airflow, f"chaos__{experiment_id}", dag_run_id, asked, console=progress)
    run_id = f"{experiment_id}__{dag_run_id}"
    journal = AgentClient(AgentSettings.from_environment()).journal(run_id)
    return parse_journal(journal, source=run_id).entries


def judge_journal(journal: Annotated[Path, typer.Argument(help="A journal file.")]) -> None:
    """Compute a verdict again from a journal alone."""
    reading = read_journal(journal)
    report = build_report(reading.entries)
    print_report(report, console)
    if reading.torn_bytes:
        console.print(f"note: {reading.torn_bytes} bytes of a torn last line were left out", style="yellow")
    raise typer.Exit(EXIT_CODES[report.verdict.value])


def parse_conf(pairs: list[str]) -> Parameters:
    """Read `NAME=VALUE` pairs; numbers and true/false become such."""
    return dict(_parse_pair(pair) for pair in pairs)


def _parse_pair(pair: str) -> tuple[str, str | int | float | bool]:
    name, separator, text = pair.partition("=")
    if not separator or not name:
        raise ConfigurationError(f"--conf {pair!r}: expected NAME=VALUE")
    return name, _parse_value(text)


def _parse_value(text: str) -> str | int | float | bool:
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
