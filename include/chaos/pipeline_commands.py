"""The command line's part for landing contracts: which there are, whether they are right, drafts of new ones, twins."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include.chaos.commands import Conf, parse_conf, run_undisturbed
from include.chaos.contract_checks import complain_of_files
from include.chaos.contract_draft import Draft
from include.chaos.documents import locate, read_text
from include.chaos.journal import SystemClock
from include.chaos.kept_twins import RunUnderTest
from include.chaos.pipeline import PIPELINES, Oracle, Pipeline, load_pipeline, read_pipeline
from include.chaos.platforms.airflow import AirflowClient
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.platforms.relation_catalogue import RelationCatalogue
from include.chaos.platforms.source_rows import SourceRows
from include.chaos.twin_making import TwinMaker
from include.errors import ConfigurationError
from include.settings import AirflowSettings, TwinSettings, WarehouseSettings

STATEMENT_SECONDS = 1800

Files = Annotated[list[Path], typer.Argument(help="Landing contracts.")]
Name = Annotated[str, typer.Argument(help="A landing contract's name.")]

console = Console(soft_wrap=True, highlight=False)


def list_pipelines() -> None:
    """List the landing contracts that ship, with what they land and what is expected by."""
    table = Table("pipeline", "DAG", "relations", "oracle")
    for path in sorted(PIPELINES.glob("*.yaml")):
        pipeline = read_pipeline(path)
        relations = ", ".join(relation.name for relation in pipeline.relations)
        table.add_row(path.stem, pipeline.dag_id, relations, _kind(pipeline.oracle))
    console.print(table)


def validate(files: Files) -> None:
    """Check landing contracts: words, names, and that the statements are there. Nothing is run."""
    wrong = sum(not _is_valid(path) for path in files)
    console.print(f"{len(files) - wrong} of {len(files)} landing contracts are valid")
    raise typer.Exit(1 if wrong else 0)


def init(
    dag_id: Annotated[str, typer.Argument(help="The DAG of the pipeline, as Airflow knows it.")],
    schema: Annotated[str, typer.Option(help="The schema in which the rows land.")] = "public",
    warehouse: Annotated[str, typer.Option(help="The connection to the database.")] = "scale_warehouse",
    output: Annotated[
        str | None, typer.Option(help="The file to write, or - to print; else include/pipelines/DAG_ID.yaml.")
    ] = None,
) -> None:
    """Write a first draft of a landing contract, by looking at the DAG and at the database."""
    path = Path(output) if output else PIPELINES / f"{dag_id}.yaml"
    if output != "-" and path.exists():
        raise ConfigurationError(f"{path} is there already; name another file with --output, or - to print")
    text = _draft(dag_id, schema, warehouse, dag_id if output in (None, "-") else path.stem).to_yaml()
    if output == "-":
        typer.echo(text, nl=False)
        return
    path.write_text(text, encoding="utf8")
    console.print(f"{path}: a first draft. Decide what it asks, then `chaos-control pipeline validate {path}`")


def make_twin(name: Name, conf: Conf = []) -> None:  # noqa: B006  # typer reads it, nobody writes it
    """Run a pipeline twice, undisturbed, and keep its rows as an oracle, if both runs have landed the same ones."""
    pipeline, parameters = load_pipeline(name), parse_conf(conf)
    home = TwinSettings.from_environment().home
    if home is None:
        raise ConfigurationError("no folder is named for the rows of twins: CHAOS_TWINS_HOME")
    settings = WarehouseSettings.named(pipeline.warehouse)

    def run() -> RunUnderTest:
        return RunUnderTest(dag_run_id=run_undisturbed(name, parameters), conf={**pipeline.conf, **parameters})

    with (
        closing(SourceRows(settings, application_name="twin", statement_seconds=STATEMENT_SECONDS)) as source,
        closing(LandedRows(settings, application_name="twin", statement_seconds=STATEMENT_SECONDS)) as landed,
    ):
        maker = TwinMaker(pipeline=pipeline, run=run, source=source, landed=landed, clock=SystemClock(), home=home)
        path, rows = maker.make()
    said = ", ".join(f"{account.expected} rows of {account.relation}" for account in rows.relations)
    console.print(f"{path}: the twin of {name}. Two undisturbed runs differ by zero rows: {said}")


def _draft(dag_id: str, schema: str, warehouse: str, name: str) -> Draft:
    airflow = AirflowClient(AirflowSettings.from_environment())
    settings = WarehouseSettings.named(warehouse)
    with closing(RelationCatalogue(settings, application_name="chaos-control pipeline init")) as catalogue:
        return Draft(
            pipeline=name,
            dag_id=dag_id,
            warehouse=warehouse,
            downstream=airflow.downstream(dag_id),
            relations=catalogue.relations(schema),
        )


def _is_valid(path: Path) -> bool:
    try:
        pipeline = read_pipeline(path)
    except ConfigurationError as error:
        console.print(str(error), style="red", markup=False)
        return False
    return not _complain(path, pipeline)


def _complain(path: Path, pipeline: Pipeline) -> bool:
    complaints = list(complain_of_files(pipeline))
    for steps, said in complaints:
        console.print(f"{path}:{locate(read_text(path), steps)}: {said}", style="red", markup=False)
    if not complaints:
        console.print(f"{path}: valid", style="green", markup=False)
    return bool(complaints)


def _kind(oracle: Oracle) -> str:
    if oracle.command:
        return f"command: {oracle.command}"
    return "sql" if oracle.sql is not None else "twin"
