"""A pipeline under test, as the engine knows it: its landing contract, a YAML file in `include/pipelines/`."""

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from include.chaos.contract_checks import complain
from include.chaos.documents import locate, parse_document, read_text
from include.chaos.layers import Layer
from include.chaos.model import Duration, FlagName, Model
from include.errors import ConfigurationError
from include.settings import REPO_ROOT

Conf = dict[str, str | int | float | bool]
"""Parameters of a run."""

PIPELINES = REPO_ROOT / "include" / "pipelines"


ConnectionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", examples=["scale_warehouse"])]


class SqlFile(Model):
    """A statement in a file of its own, relative to the project's root; `%(dag_run_id)s` is bound."""

    file: Path

    def read(self) -> str:
        """Give the statement; raise `ConfigurationError` when the file is missing."""
        path = REPO_ROOT / self.file
        try:
            return path.read_text(encoding="utf8")
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error


class Stage(Model):
    """A task of the pipeline's DAG.

    `staged_rows` gives one row (staged, expected) while the stage runs; `failpoints` are the places at which its
    processes can be stopped (see docs/failpoints.md), in the order in which they come.
    """

    task_id: str
    staged_rows: SqlFile | None = None
    failpoints: tuple[FlagName, ...] = ()


class Relation(Model):
    """What a consumer reads: rows are told apart by `key`; `values` must be right.

    A column that may differ between two good runs, such as a time of landing, is left out of both: it is not compared.
    """

    name: str = Field(description="a table or view; `schema.name` where it is not found without its schema")
    key: tuple[str, ...] = Field(min_length=1)
    values: tuple[str, ...] = ()
    manifest_key: str | None = Field(default=None, description="the column that holds the manifest object's key")

    def columns(self) -> tuple[str, ...]:
        """Give keys and values, in order."""
        return self.key + self.values


class Quarantine(Relation):
    """Where objects that cannot be read are listed, and why: not compared with the oracle's reason, but never blank."""

    reason: str | None = Field(default=None, description="the column that says why; each row must have a reason in it")


class FrozenManifest(SqlFile):
    """What a run must account for. Once it is frozen it may not change any more."""

    frozen_by: str | None = Field(
        default=None, description="the stage with whose success it is frozen; the first one where none is named"
    )


class Twin(Model):
    """The rows of an undisturbed run with the same parameters, as `chaos-control pipeline twin` has kept them."""

    source: SqlFile | None = Field(
        default=None,
        description="gives what tells one state of the source data from another; the twin is for the state it saw",
    )


class Oracle(Model):
    """Where the expected rows come from: exactly one of `command`, `sql` and `twin`.

    A command outside the pipeline prints them as JSON lines: `{"relation": NAME, "row": [...]}` for each row, columns
    in the relation's order, and `{"quarantined": KEY, "reason": ...}` for each object that must be quarantined.
    """

    command: str | None = Field(default=None, description="`{dag_run_id}` is replaced")
    connections: tuple[ConnectionName, ...] = Field(
        default=(), description="Airflow connections, beside the warehouse, that the command finds in its environment"
    )
    sql: dict[str, SqlFile] | None = Field(
        default=None,
        description="for each relation, a statement that computes its rows from the source data, columns in the "
        "relation's order; `%(conf)s` is bound to the parameters of the run, as JSON",
    )
    twin: Twin | None = None

    @model_validator(mode="after")
    def _is_exactly_one(self) -> Self:
        if sum(source is not None for source in (self.command, self.sql, self.twin)) != 1:
            raise ValueError("expected exactly one of `command: ...`, `sql: {RELATION: {file: ...}}` and `twin: {}`")
        if self.connections and self.command is None:
            raise ValueError("`connections` are for a `command`")
        return self

    def arguments(self, dag_run_id: str) -> list[str]:
        """Give the command line for one run."""
        return [part.format(dag_run_id=dag_run_id) for part in shlex.split(self.command or "")]


class Pipeline(Model):
    """The landing contract: what runs, in which stages, and what must have landed afterwards."""

    pipeline: str
    dag_id: str
    conf: Conf = Field(
        default_factory=dict,
        description="parameters of every run under test, unless the experiment's run says otherwise",
    )
    stages: tuple[Stage, ...] = Field(description="in the order in which they run")
    warehouse: ConnectionName = Field(
        default="scale_warehouse",
        description="the PostgreSQL in which the rows land: an Airflow connection, and the prefix of its variables",
    )
    relations: tuple[Relation, ...] = Field(min_length=1)
    quarantine: Quarantine | None = Field(
        default=None, description="where objects that cannot be read are listed; its key is the object's key"
    )
    manifest: FrozenManifest | None = Field(
        default=None, description="gives (key, ...) of every object that the run must account for"
    )
    publication: SqlFile | None = Field(
        default=None, description="gives one row (dag_run_id, ..., published_at) of what consumers now read"
    )
    oracle: Oracle
    freshness: Duration | None = Field(
        default=None, description="how long after its run has begun the rows must be published at the latest"
    )
    writers: SqlFile | None = Field(
        default=None,
        description="gives (writer, try, began_at, last_wrote_at, refused_at) of every try of the run that could write",
    )
    ablations: dict[Layer, Conf] = Field(
        default_factory=dict,
        description="by layer, parameters of a run in which that layer does not carry it on",
    )

    @property
    def accounted(self) -> tuple[Relation, ...]:
        """All relations whose rows are accounted for, the list of what is quarantined among them."""
        return (*self.relations, *([self.quarantine] if self.quarantine else []))

    @property
    def freezing_stage(self) -> str | None:
        """The stage with whose success the manifest is frozen; None where there is no manifest, or no stage."""
        if self.manifest is None:
            return None
        return self.manifest.frozen_by or next((stage.task_id for stage in self.stages), None)

    def without(self, layers: Iterable[Layer]) -> Conf:
        """Give the parameters of a run without some layers; raise `ConfigurationError` naming those there can be."""
        parameters: Conf = {}
        for layer in layers:
            if layer not in self.ablations:
                known = ", ".join(self.ablations) or "none"
                raise ConfigurationError(
                    f"pipeline {self.pipeline}: {layer} cannot be turned off for a run; what can: {known}"
                )
            parameters |= self.ablations[layer]
        return parameters

    def stage(self, task_id: str) -> Stage:
        """Find a stage; raise `ConfigurationError` naming those there are."""
        for stage in self.stages:
            if stage.task_id == task_id:
                return stage
        known = ", ".join(stage.task_id for stage in self.stages)
        raise ConfigurationError(f"pipeline {self.pipeline}: no stage {task_id!r}; its stages are {known}")

    def stages_after(self, stage: Stage) -> tuple[str, ...]:
        """Give the task ids of the stages that run after one."""
        return tuple(later.task_id for later in self.stages[self.stages.index(stage) + 1 :])


def load_pipeline(name: str) -> Pipeline:
    """Read the landing contract of that name; raise `ConfigurationError` naming those there are."""
    path = PIPELINES / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in PIPELINES.glob("*.yaml")))
        raise ConfigurationError(f"pipeline: no landing contract {name!r} in {PIPELINES}; there are: {known}")
    return read_pipeline(path)


def read_pipeline(path: Path) -> Pipeline:
    """Read a landing contract from a file; raise `ConfigurationError` with a line for each thing that is wrong."""
    text = read_text(path)
    pipeline = parse_document(text, Pipeline, source=str(path))
    if complaints := [f"{path}:{locate(text, steps)}: {said}" for steps, said in complain(pipeline)]:
        raise ConfigurationError("\n".join(complaints))
    return pipeline
