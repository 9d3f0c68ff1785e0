"""Ask a pipeline's oracle, of whatever kind, for the rows that must have landed: JSON lines, one by one."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from include.chaos.kept_twins import RunUnderTest, read_twin
from include.chaos.oracle import ORACLE_SECONDS, ask_oracle
from include.chaos.pipeline import Pipeline, Relation, SqlFile
from include.errors import ConfigurationError, PlatformError


class SourceReader(Protocol):
    """What the oracles that look into the database need of it; rows are JSON arrays, read while a snapshot is open."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all statements within see one committed state."""
        ...

    def compute(self, statement: str, columns: int, parameters: Mapping[str, str]) -> Iterator[str]:
        """Give a statement's rows, one by one; raise `PlatformError` when it gives another number of columns."""
        ...

    def dump(self, relation: str, columns: Sequence[str]) -> Iterator[str]:
        """Give a relation's rows, one by one."""
        ...

    def read_state(self, statement: str, parameters: Mapping[str, str]) -> str:
        """Give all that a statement gives as one text."""
        ...

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        """Give all rows of a statement."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleWorld:
    """With what an oracle is asked: a command's environment and time, the database, the folder of kept twins."""

    environment: Mapping[str, str]
    open_reader: Callable[[], SourceReader]
    twins: Path | None
    seconds: float = ORACLE_SECONDS


def expected_lines(pipeline: Pipeline, run: RunUnderTest, world: OracleWorld) -> Generator[bytes, None, None]:
    """Give the lines; raise `PlatformError` when the oracle cannot be asked, or does not come to its end."""
    if pipeline.oracle.command is not None:
        return ask_oracle(pipeline.oracle, run.dag_run_id, world.environment, world.seconds)
    if pipeline.oracle.sql is not None:
        return _computed_lines(pipeline, pipeline.oracle.sql, run, world.open_reader())
    return _kept_lines(pipeline, run, world)


def landed_lines(pipeline: Pipeline, reader: SourceReader) -> Iterator[bytes]:
    """Give what has landed as an oracle's lines, while a snapshot is open."""
    for relation in pipeline.accounted:
        for array in reader.dump(relation.name, _said_columns(pipeline, relation)):
            yield _line(pipeline, relation, array)


def source_state(pipeline: Pipeline, run: RunUnderTest, reader: SourceReader) -> str:
    """Give what tells the state of the source data from another one; nothing where the contract does not say how."""
    source = pipeline.oracle.twin.source if pipeline.oracle.twin else None
    return reader.read_state(source.read(), run.parameters()) if source else ""


def _computed_lines(
    pipeline: Pipeline, statements: Mapping[str, SqlFile], run: RunUnderTest, reader: SourceReader
) -> Generator[bytes, None, None]:
    with closing(reader), reader.snapshot():
        for relation in pipeline.accounted:
            statement = statements[relation.name]
            try:
                columns = len(_said_columns(pipeline, relation))
                for array in reader.compute(statement.read(), columns, run.parameters()):
                    yield _line(pipeline, relation, array)
            except PlatformError as error:
                raise PlatformError(f"the oracle of {relation.name}, {statement.file}, failed: {error}") from error


def _kept_lines(pipeline: Pipeline, run: RunUnderTest, world: OracleWorld) -> Generator[bytes, None, None]:
    if world.twins is None:
        raise ConfigurationError("no folder is named for the rows of twins: CHAOS_TWINS_HOME")
    with closing(world.open_reader()) as reader:
        state = source_state(pipeline, run, reader)
    yield from read_twin(world.twins, pipeline, run, state)


def _said_columns(pipeline: Pipeline, relation: Relation) -> tuple[str, ...]:
    """Give the columns of which an oracle speaks: of a quarantined object, only its key."""
    return relation.key[:1] if relation is pipeline.quarantine else relation.columns()


def _line(pipeline: Pipeline, relation: Relation, array: str) -> bytes:
    if relation is pipeline.quarantine:
        return f'{{"quarantined": {array[1:-1]}}}\n'.encode()
    return f'{{"relation": {json.dumps(relation.name)}, "row": {array}}}\n'.encode()
