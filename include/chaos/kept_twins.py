"""Twins: what undisturbed runs have landed, kept as an oracle's lines, each in a file for one set of parameters."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue, ValidationError

from include.chaos.model import Model, Moment
from include.chaos.pipeline import Pipeline
from include.errors import PlatformError

Conf = dict[str, JsonValue]

_PIECE = 1 << 20
"""Bytes to read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunUnderTest:
    """A run of a pipeline, of which an oracle is asked what it must have landed."""

    dag_run_id: str
    conf: Conf

    def parameters(self) -> dict[str, str]:
        """Give what the statements of oracles are bound to."""
        return {"dag_run_id": self.dag_run_id, "conf": _canonical(self.conf)}


class TwinHead(Model):
    """The first line of a kept twin: whose rows these are, and for what they may be taken."""

    pipeline: str
    dag_run_id: str
    conf: dict[str, JsonValue]
    relations: dict[str, tuple[str, ...]]
    source_state: str
    made_at: Moment


def head_of(pipeline: Pipeline, run: RunUnderTest, state: str, made_at: Moment) -> TwinHead:
    """Say whose rows follow."""
    return TwinHead(
        pipeline=pipeline.pipeline,
        dag_run_id=run.dag_run_id,
        conf=run.conf,
        relations=_columns(pipeline),
        source_state=state,
        made_at=made_at,
    )


def twin_path(home: Path, pipeline: Pipeline, conf: Conf) -> Path:
    """Name the file of a pipeline's twin with these parameters."""
    digest = hashlib.sha256(_canonical(conf).encode()).hexdigest()
    return home / pipeline.pipeline / f"{digest[:16]}.jsonl.gz"


def write_twin(path: Path, head: TwinHead, lines: Iterable[bytes]) -> None:
    """Write a twin, which is a file only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    with gzip.open(partial, "wb", compresslevel=3) as file:
        file.write(head.model_dump_json().encode() + b"\n")
        file.writelines(lines)
    partial.replace(path)


def read_twin(home: Path, pipeline: Pipeline, run: RunUnderTest, state: str) -> Iterator[bytes]:
    """Give a twin's lines; raise `PlatformError` when there is none that may be taken, and say how to make one."""
    path = twin_path(home, pipeline, run.conf)
    try:
        _require_whole(path)
        with gzip.open(path, "rb") as file:
            head = TwinHead.model_validate_json(file.readline())
            if why_not := _objection(head, pipeline, state):
                raise PlatformError(f"{why_not}; {_how(pipeline, run.conf)}")
            yield from file
    except FileNotFoundError as error:
        raise PlatformError(
            f"pipeline {pipeline.pipeline} has no twin with the parameters {_canonical(run.conf)}; "
            f"{_how(pipeline, run.conf)}"
        ) from error
    except (OSError, EOFError, zlib.error, ValidationError) as error:
        raise PlatformError(f"the twin {path} cannot be read ({error}); {_how(pipeline, run.conf)}") from error


def _require_whole(path: Path) -> None:
    """Read it once for its checksum alone, so that no line of a damaged one is taken for an expected row."""
    with gzip.open(path, "rb") as file:
        while file.read(_PIECE):
            pass


def _objection(head: TwinHead, pipeline: Pipeline, state: str) -> str | None:
    if head.relations != _columns(pipeline):
        return f"the twin of {head.made_at:%Y-%m-%d %H:%M} is for other relations or columns than the landing contract"
    if head.source_state != state:
        return f"the source data have changed since the twin of {head.made_at:%Y-%m-%d %H:%M} was made"
    return None


def _how(pipeline: Pipeline, conf: Conf) -> str:
    others = "".join(
        f" --conf {name}={_said(value)}" for name, value in sorted(conf.items()) if pipeline.conf.get(name) != value
    )
    return f"`chaos-control pipeline twin {pipeline.pipeline}{others}` makes one"


def _said(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _columns(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    return {relation.name: relation.columns() for relation in pipeline.accounted}


def _canonical(conf: Conf) -> str:
    return json.dumps(conf, sort_keys=True, ensure_ascii=False)
