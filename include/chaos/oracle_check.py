"""Hold an oracle against a run that nothing disturbed, before anything is struck: one that is wrong can judge nothing.

An agreement is kept for the pipeline's parameters and the oracle's words, so that it is found once and not before each
experiment: most of these find the rows of the experiment before, which say nothing of the oracle.
"""

import hashlib
import json
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

from pydantic import ValidationError

from include.chaos.events import BaselineRowsVerified
from include.chaos.kept_twins import Conf, RunUnderTest
from include.chaos.pipeline import Pipeline
from include.chaos.verification import LandedReader, verify_landing

AskOracle = Callable[[RunUnderTest], Generator[bytes, None, None]]


def check_oracle(
    pipeline: Pipeline, twin: RunUnderTest, ask: AskOracle, landed: LandedReader, home: Path | None
) -> BaselineRowsVerified | None:
    """Compare what an undisturbed run has landed with what the oracle says of it; None where its rows do not stand.

    Raise `PlatformError` when the oracle, or the database, cannot be asked.
    """
    kept = read_agreement(pipeline, twin.conf, home)
    if kept and kept.dag_run_id == twin.dag_run_id:
        return kept
    if _standing_run(pipeline, landed) != twin.dag_run_id:
        return kept
    with closing(ask(twin)) as lines:
        rows = verify_landing(pipeline, twin.dag_run_id, lines, landed)
    checked = BaselineRowsVerified(dag_run_id=twin.dag_run_id, relations=rows.relations)
    if checked.intact and home:
        _keep(_agreement_path(home, pipeline, twin.conf), checked)
    return checked


def read_agreement(pipeline: Pipeline, conf: Conf, home: Path | None) -> BaselineRowsVerified | None:
    """Give the kept agreement of the oracle with a run of these parameters; one that cannot be read is none."""
    if home is None:
        return None
    try:
        return BaselineRowsVerified.model_validate_json(_agreement_path(home, pipeline, conf).read_bytes())
    except (OSError, ValidationError):
        return None


def _standing_run(pipeline: Pipeline, landed: LandedReader) -> str | None:
    found = landed.fetch_rows(pipeline.publication.read()) if pipeline.publication else ()
    return str(found[0][0]) if found else None


def _agreement_path(home: Path, pipeline: Pipeline, conf: Conf) -> Path:
    statements = {name: statement.read() for name, statement in (pipeline.oracle.sql or {}).items()}
    columns = [[relation.name, *relation.columns()] for relation in pipeline.accounted]
    rests_on = [conf, pipeline.oracle.model_dump(mode="json"), statements, columns]
    digest = hashlib.sha256(json.dumps(rests_on, sort_keys=True).encode()).hexdigest()
    return home / pipeline.pipeline / f"oracle-{digest[:16]}.json"


def _keep(path: Path, checked: BaselineRowsVerified) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(checked.model_dump_json(), encoding="utf8")
    partial.replace(path)
