"""A pipeline under test, as the engine knows it: its landing contract, a YAML file in `include/pipelines/`."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from include.chaos.documents import read_document
from include.chaos.layers import Layer
from include.chaos.model import FlagName, Model
from include.errors import ConfigurationError
from include.settings import REPO_ROOT

Conf = dict[str, str | int | float | bool]
"""Parameters of a run."""

PIPELINES = REPO_ROOT / "include" / "pipelines"


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

    name: str
    key: tuple[str, ...] = Field(min_length=1)
    values: tuple[str, ...] = ()
    manifest_key: str | None = Field(default=None, description="the column that holds the manifest object's key")

    def columns(self) -> tuple[str, ...]:
        """Give keys and values, in order."""
        return self.key + self.values


class Oracle(Model):
    """A command outside the pipeline that prints the expected rows as JSON lines.

    `{"relation": NAME, "row": [...]}` for each row, columns in the relation's order;
    `{"quarantined": KEY, "reason": ...}` for each object that must be quarantined.
    `{dag_run_id}` in the command is replaced.
    """

    command: str

    def arguments(self, dag_run_id: str) -> list[str]:
        """Give the command line for one run."""
        return [part.format(dag_run_id=dag_run_id) for part in shlex.split(self.command)]


class Pipeline(Model):
    """The landing contract: what runs, in which stages, and what must have landed afterwards."""

    pipeline: str
    dag_id: str
    conf: Conf = Field(
        default_factory=dict,
        description="parameters of every run under test, unless the experiment's run says otherwise",
    )
    stages: tuple[Stage, ...] = Field(description="in the order in which they run")
    relations: tuple[Relation, ...] = Field(min_length=1)
    quarantine: Relation = Field(
        description="where objects that cannot be read are listed; its key is the object's key"
    )
    manifest: SqlFile = Field(description="gives (key, ...) of every object that the run must account for")
    publication: SqlFile = Field(description="gives one row (dag_run_id, ..., published_at) of what consumers now read")
    oracle: Oracle
    writers: SqlFile | None = Field(
        default=None,
        description="gives (writer, try, began_at, last_wrote_at, refused_at) of every try of the run that could write",
    )
    ablations: dict[Layer, Conf] = Field(
        default_factory=dict,
        description="by layer, parameters of a run in which that layer does not carry it on",
    )

    def read_by_consumers(self) -> tuple[Relation, ...]:
        """Give every relation that consumers read, the list of what is quarantined among them."""
        return (*self.relations, *([self.quarantine] if self.quarantine else []))

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
    return read_document(path, Pipeline)
