"""Compare what landed with what the oracle expects: fetch both, and hand them to `integrity`."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from include.chaos.events import RowsVerified
from include.chaos.integrity import Key, RelationRows, Row, Value, account_manifest, account_relation
from include.chaos.pipeline import Oracle, Pipeline, Relation
from include.errors import PlatformError
from include.settings import REPO_ROOT

ORACLE_SECONDS = 1800.0


class LandedReader(Protocol):
    """What verification needs of the warehouse."""

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        """Give all rows of a statement."""
        ...

    def read_relation(self, relation: str, columns: tuple[str, ...]) -> Sequence[tuple[Value, ...]]:
        """Give every row of a relation."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all statements within see one committed state."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the oracle says: rows by relation, and the objects that must be quarantined."""

    rows: dict[str, dict[Key, Row]]
    quarantined: set[str] = field(default_factory=set)


def ask_oracle(oracle: Oracle, pipeline: Pipeline, dag_run_id: str, environment: Mapping[str, str]) -> Expected:
    """Run the oracle's command and read what it prints; raise `PlatformError` with its last words when it fails."""
    program, *rest = oracle.arguments(dag_run_id)
    command = [sys.executable if program == "python" else program, *rest]
    try:
        finished = subprocess.run(
            command,
            cwd=REPO_ROOT,
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=ORACLE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PlatformError(f"the oracle {oracle.command!r} could not be asked: {error}") from error
    if finished.returncode:
        raise PlatformError(f"the oracle {oracle.command!r} failed: {finished.stderr.strip()[-800:]}")
    return read_expected(finished.stdout, pipeline)


def read_expected(printed: str, pipeline: Pipeline) -> Expected:
    """Read the oracle's JSON lines; raise `PlatformError` naming the line that is not one."""
    relations = {relation.name: relation for relation in pipeline.relations}
    expected = Expected(rows={name: {} for name in relations})
    for number, line in enumerate(printed.splitlines(), start=1):
        try:
            said = json.loads(line)
            if "quarantined" in said:
                expected.quarantined.add(said["quarantined"])
            else:
                key, values = split_row(relations[said["relation"]], said["row"])
                expected.rows[said["relation"]][key] = values
        except (ValueError, KeyError, TypeError) as error:
            raise PlatformError(f"the oracle's line {number} is not understood ({error}): {line[:200]}") from error
    return expected


def split_row(relation: Relation, row: Sequence[Value]) -> tuple[Key, Row]:
    """Part a row into its key and its values; raise `ValueError` when it has another number of columns."""
    if len(row) != len(relation.columns()):
        raise ValueError(f"{relation.name}: expected columns {relation.columns()}, got {len(row)} values")
    return tuple(row[: len(relation.key)]), tuple(row[len(relation.key) :])


def verify_landing(pipeline: Pipeline, dag_run_id: str, expected: Expected, landed: LandedReader) -> RowsVerified:
    """Account for every row of every relation and every object of the manifest, in one snapshot of the warehouse."""
    with landed.snapshot():
        publication = landed.fetch_rows(pipeline.publication.read())
        objects = {str(row[0]) for row in landed.fetch_rows(pipeline.manifest.read(), {"dag_run_id": dag_run_id})}
        compared = [_compare(relation, expected.rows[relation.name], landed) for relation in pipeline.relations]
        quarantine = _compare(pipeline.quarantine, {(key,): () for key in expected.quarantined}, landed)
    if not objects:
        raise PlatformError(f"run {dag_run_id} has no manifest, so there is nothing to account against")
    lost = set().union(*(_objects_of_lost_rows(pipeline, rows) for rows in compared))
    published_run, published_at = (publication[0][0], publication[0][-1]) if publication else (None, None)
    return RowsVerified(
        relations=tuple(account_relation(rows) for rows in [*compared, quarantine]),
        manifest=account_manifest(
            objects=objects,
            expected_quarantine=expected.quarantined,
            found_quarantine={str(key[0]) for key, _ in quarantine.landed},
            objects_of_lost_rows=lost,
        ),
        published_dag_run_id=str(published_run) if published_run is not None else None,
        published_at=published_at if isinstance(published_at, datetime) else None,
    )


def _compare(relation: Relation, expected: Mapping[Key, Row], landed: LandedReader) -> RelationRows:
    rows = landed.read_relation(relation.name, relation.columns())
    return RelationRows(relation=relation.name, expected=expected, landed=[split_row(relation, row) for row in rows])


def _objects_of_lost_rows(pipeline: Pipeline, rows: RelationRows) -> set[str]:
    relation = next(relation for relation in pipeline.relations if relation.name == rows.relation)
    if relation.manifest_key is None:
        return set()
    column = relation.key.index(relation.manifest_key)
    return {str(key[column]) for key in rows.lost_keys()}
