"""What can be wrong with a landing contract beside its words: names that lead nowhere, claims that need another one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from include.chaos.document_problems import Steps, suggestion
from include.errors import ConfigurationError

if TYPE_CHECKING:  # a contract is checked where it is read
    from include.chaos.pipeline import Pipeline, Relation, SqlFile

Complaint = tuple[Steps, str]


def complain(pipeline: "Pipeline") -> Iterator[Complaint]:
    """Give place and text of each thing that is wrong in a contract whose words are right."""
    yield from _twice([stage.task_id for stage in pipeline.stages], "stages", "task_id")
    yield from _twice([relation.name for relation in pipeline.relations], "relations", "name")
    for number, relation in enumerate(pipeline.relations):
        yield from _of_relation(relation, pipeline, ("relations", number))
    if pipeline.quarantine:
        yield from _of_relation(pipeline.quarantine, pipeline, ("quarantine",))
        if len(pipeline.quarantine.columns()) != 1:
            yield ("quarantine", "key"), "expected one column, the object's key, and no `values`"
    if pipeline.manifest and pipeline.manifest.frozen_by:
        yield from _of_freezing(pipeline.manifest.frozen_by, [stage.task_id for stage in pipeline.stages])
    if pipeline.oracle.sql is not None:
        yield from _of_statements(pipeline.oracle.sql, [relation.name for relation in pipeline.accounted])
    if pipeline.freshness is not None and pipeline.publication is None:
        yield ("freshness",), "needs `publication`: without it nobody knows when the rows landed"


def complain_of_files(pipeline: "Pipeline") -> Iterator[Complaint]:
    """Give place and text of each statement whose file cannot be read."""
    for steps, statement in _statements(pipeline):
        try:
            statement.read()
        except ConfigurationError as error:
            yield (*steps, "file"), str(error)


def _of_relation(relation: "Relation", pipeline: "Pipeline", at: Steps) -> Iterator[Complaint]:
    if "" in (parts := relation.name.split(".")) or len(parts) > 2:  # noqa: PLR2004  # a schema and a name
        yield (*at, "name"), f"expected `name` or `schema.name`, got {relation.name!r}"
    for column, times in Counter(relation.columns()).items():
        if times > 1:
            yield at, f"column {column!r} is named {times} times in `key` and `values`"
    if relation.manifest_key is None:
        return
    if relation.manifest_key not in relation.key:
        known = suggestion(relation.manifest_key, relation.key)
        yield (*at, "manifest_key"), f"{relation.manifest_key!r} is no column of `key`{known}"
    if pipeline.manifest is None:
        yield (*at, "manifest_key"), "needs `manifest`, which this contract does not have"


def _of_freezing(stage: str, known: Sequence[str]) -> Iterator[Complaint]:
    if stage not in known:
        yield ("manifest", "frozen_by"), f"the contract has no stage {stage!r}{suggestion(stage, known)}"


def _of_statements(statements: dict[str, "SqlFile"], relations: Sequence[str]) -> Iterator[Complaint]:
    at: Steps = ("oracle", "sql")
    for name in sorted(statements.keys() - set(relations)):
        yield (*at, name), f"the contract has no relation {name!r}{suggestion(name, relations)}"
    if missing := [name for name in relations if name not in statements]:
        yield at, f"no statement gives the expected rows of {', '.join(missing)}"


def _twice(names: Sequence[str], group: str, field: str) -> Iterator[Complaint]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield (group, number, field), f"{name!r} is there already"


def _statements(pipeline: "Pipeline") -> Iterator[tuple[Steps, "SqlFile"]]:
    for number, stage in enumerate(pipeline.stages):
        if stage.staged_rows:
            yield ("stages", number, "staged_rows"), stage.staged_rows
    if pipeline.manifest:
        yield ("manifest",), pipeline.manifest
    if pipeline.publication:
        yield ("publication",), pipeline.publication
    for name, statement in (pipeline.oracle.sql or {}).items():
        yield ("oracle", "sql", name), statement
    if pipeline.oracle.twin and pipeline.oracle.twin.source:
        yield ("oracle", "twin", "source"), pipeline.oracle.twin.source
