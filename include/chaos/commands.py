"""The command line's part for pipelines and experiments: start, watch, report, judge again."""

import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from include.chaos.agent.client import AgentClient
from include.chaos.documents import read_document
from include.chaos.experiment import Experiment, experiment_files, experiment_id_of, load_experiment
from include.chaos.journal import parse_journal, read_journal
from include.chaos.model import VerdictValue
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.airflow import AirflowClient, DagRunState, Parameters
from include.chaos.progress import StageProgress
from include.chaos.report import Report, build_report
from include.errors import ConfigurationError, PlatformError
from include.settings import AgentSettings, AirflowSettings

EXIT_CODES = {
    VerdictValue.PASSED: 0,
    VerdictValue.FAILED: 1,
    VerdictValue.NOT_EXERCISED: 3,
    VerdictValue.INCONCLUSIVE: 4,
}
"""2 is left to wrong usage."""

POLL_SECONDS = 1.0
PARSE_SECONDS = 120.0

_patient = Retrying(
    retry=retry_if_exception_type(PlatformError),
    stop=stop_after_delay(120),
    wait=wait_fixed(POLL_SECONDS),
    reraise=True,
)
"""Airflow may be what the experiment strikes, so it is asked again for a while when it does not answer."""

console = Console()
pipeline_app = typer.Typer(help="Run a pipeline undisturbed.", no_args_is_help=True)
experiment_app = typer.Typer(help="Run experiments and read what they found.", no_args_is_help=True)

Conf = Annotated[list[str], typer.Option("--conf", help="NAME=VALUE, a parameter of the pipeline's run; repeatable.")]


@pipeline_app.command("run")
def run_pipeline(name: Annotated[str, typer.Argument(help="A landing contract's name.")], conf: Conf = []) -> None:  # noqa: B006  # typer reads it, nobody writes it
    """Run a pipeline once, undisturbed, and wait for its end."""
    run_undisturbed(name, parse_conf(conf))


def run_undisturbed(name: str, conf: Parameters) -> None:
    """Run a pipeline once; raise `PlatformError` when it does not end well."""
    airflow = AirflowClient(AirflowSettings.from_environment())
    pipeline = load_pipeline(name)
    dag_run_id = f"undisturbed__{_stamp()}"
    progress = StageProgress(pipeline, dag_run_id, console)
    run = _run_dag(airflow, pipeline.dag_id, dag_run_id, {**pipeline.conf, **conf}, progress)
    if run.state != "success":
        raise PlatformError(f"the pipeline's run {run.dag_run_id} ended `{run.state}`; its tasks' logs are in Airflow")


@experiment_app.command("list")
def list_experiments() -> None:
    """List the experiments that ship, with their claims."""
    table = Table("experiment", "claim")
    for path in experiment_files():
        table.add_row(experiment_id_of(path), read_document(path, Experiment).hypothesis.title)
    console.print(table)


@experiment_app.command("run")
def run_experiment(experiment_id: str, conf: Conf = []) -> None:  # noqa: B006  # as above
    """Run one experiment through its DAG, wait for the verdict, and exit with it."""
    report = conduct(experiment_id, parse_conf(conf))
    print_report(report)
    raise typer.Exit(EXIT_CODES[report.verdict.value])


def conduct(experiment_id: str, conf: Parameters) -> Report:
    """Run one experiment through its DAG and report what its journal says."""
    load_experiment(experiment_id)
    experiment_id = experiment_id.replace("-", "_")
    dag_run_id = f"manual__{_stamp()}"
    airflow = AirflowClient(AirflowSettings.from_environment())
    _run_dag(airflow, f"chaos__{experiment_id}", dag_run_id, {"pipeline_conf": dict(conf)})
    run_id = f"{experiment_id}__{dag_run_id}"
    journal = AgentClient(AgentSettings.from_environment()).journal(run_id)
    return build_report(parse_journal(journal, source=run_id).entries)


def judge_journal(journal: Annotated[Path, typer.Argument(help="A journal file.")]) -> None:
    """Compute a verdict again from a journal alone."""
    reading = read_journal(journal)
    report = build_report(reading.entries)
    print_report(report)
    if reading.torn_bytes:
        console.print(f"note: {reading.torn_bytes} bytes of a torn last line were left out", style="yellow")
    raise typer.Exit(EXIT_CODES[report.verdict.value])


def parse_conf(pairs: list[str]) -> Parameters:
    """Read `NAME=VALUE` pairs; numbers and true/false become such."""
    return dict(_parse_pair(pair) for pair in pairs)


def print_report(report: Report) -> None:
    """Print verdict, reasons, row accounting and times."""
    verdict = report.verdict
    style = "green" if verdict.value is VerdictValue.PASSED else "red"
    console.print(f"\n[bold]{report.title}[/bold]  ({report.experiment_run_id})")
    console.print(f"verdict: [bold {style}]{verdict.value}[/bold {style}]")
    for reason in verdict.reasons:
        console.print(f"  {reason}", markup=False)
    for note in verdict.notes:
        console.print(f"  note: {note}", markup=False)
    console.print(_rows_table(report))
    console.print(_times_table(report))


def _rows_table(report: Report) -> Table:
    columns = ("rows", "expected", "landed", "lost", "duplicated", "corrupted", "unexpected")
    table = Table(*columns, title=", ".join(f"{label}: {count}" for label, count in report.objects) or "rows: unknown")
    for line in report.relations:
        counts = (line.expected, line.landed, line.lost, line.duplicated, line.corrupted, line.unexpected)
        table.add_row(line.relation, *(str(count) for count in counts))
    return table


def _times_table(report: Report) -> Table:
    table = Table("time", "")
    for label, text in report.times:
        table.add_row(label, text)
    return table


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


def _run_dag(
    airflow: AirflowClient, dag_id: str, dag_run_id: str, conf: Parameters, progress: StageProgress | None = None
) -> DagRunState:
    """Start a DAG run and show its tasks as they change, until it has ended."""
    _await_parsed(airflow, dag_id)
    _patient(airflow.trigger, dag_id, dag_run_id, conf)
    console.print(f"{dag_id}: run {dag_run_id}")
    shown: dict[str, str] = {}
    with progress or nullcontext():
        while True:
            run = _patient(airflow.dag_run, dag_id, dag_run_id)
            for line in _changes(airflow, dag_id, dag_run_id, shown):
                console.print(line, markup=False, highlight=False)
            if run and run.ended:
                return run
            if progress:
                progress.show({task_id for task_id, state in shown.items() if state.startswith("running")})
            time.sleep(POLL_SECONDS)


def _await_parsed(airflow: AirflowClient, dag_id: str) -> None:
    deadline = time.monotonic() + PARSE_SECONDS
    while not _patient(airflow.knows, dag_id):
        if time.monotonic() > deadline:
            raise PlatformError(f"Airflow does not know the DAG {dag_id}; `chaos-control logs airflow_dag_processor`")
        time.sleep(POLL_SECONDS)


def _changes(airflow: AirflowClient, dag_id: str, dag_run_id: str, shown: dict[str, str]) -> Iterator[str]:
    """Give a line for each task whose state or try is new."""
    for task in _patient(airflow.tasks, dag_id, dag_run_id):
        state = f"{task.state} (try {task.try_number})" if task.try_number > 1 else str(task.state)
        if task.state not in (None, "scheduled", "queued") and shown.get(task.task_id) != state:
            shown[task.task_id] = state
            yield f"  {datetime.now(UTC):%H:%M:%S} {task.task_id}: {state}"


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
