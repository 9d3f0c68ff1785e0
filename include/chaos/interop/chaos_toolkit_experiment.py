"""The Chaos Toolkit's experiment format, as https://chaostoolkit.org/reference/api/experiment/ documents it.

Only what can have an equal here is spelled out; every other key is kept in `model_extra`, so that it can be named.
"""

import json
from pathlib import Path
from string import Template
from typing import Annotated, Literal, TypeGuard

from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag

from include.chaos.documents import parse_document, read_text


class Foreign(BaseModel):
    """A JSON object that may hold more than is spelled out."""

    model_config = ConfigDict(frozen=True, extra="allow")


class HttpProvider(Foreign):
    """A call of a URL."""

    type: Literal["http"]
    url: str
    method: str = "GET"
    headers: dict[str, JsonValue] | None = None
    arguments: JsonValue = None
    timeout: JsonValue = None
    verify_tls: JsonValue = True
    expected_status: JsonValue = Field(default=None, description="documented, but read by no version of the library")


class ProcessProvider(Foreign):
    """A call of a program; `arguments` are a mapping, a list, or a text that a shell reads."""

    type: Literal["process"]
    path: str
    arguments: JsonValue = None
    timeout: JsonValue = None


class PythonProvider(Foreign):
    """A call of a Python function."""

    type: Literal["python"]
    module: str
    func: str
    arguments: dict[str, JsonValue] = {}


Provider = Annotated[HttpProvider | ProcessProvider | PythonProvider, Field(discriminator="type")]


class Pauses(Foreign):
    """Seconds to wait around an activity."""

    before: float | str | None = None
    after: float | str | None = None


class Activity(Foreign):
    """A probe or an action."""

    type: Literal["probe", "action"]
    name: str = Field(min_length=1)
    provider: Provider
    tolerance: JsonValue = None
    pauses: Pauses = Pauses()


class Reference(Foreign):
    """The name of an activity that is declared elsewhere in the experiment."""

    ref: str


def _is_reference(value: object) -> str:
    holds_ref = "ref" in value if isinstance(value, dict) else isinstance(value, Reference)
    return "reference" if holds_ref else "activity"


Step = Annotated[
    Annotated[Activity, Tag("activity")] | Annotated[Reference, Tag("reference")], Discriminator(_is_reference)
]


class SteadyStateHypothesis(Foreign):
    """What normal looks like."""

    title: str
    probes: tuple[Activity, ...] = ()


class ChaosToolkitExperiment(Foreign):
    """An experiment; `configuration` and `secrets` hold values, or how to find them at run time."""

    version: JsonValue = None
    title: str
    description: str
    tags: tuple[str, ...] = ()
    configuration: dict[str, JsonValue] = {}
    secrets: dict[str, JsonValue] = {}
    steady_state_hypothesis: SteadyStateHypothesis | None = Field(default=None, alias="steady-state-hypothesis")
    method: tuple[Step, ...]
    rollbacks: tuple[Step, ...] = ()


def read_chaos_toolkit_experiment(path: Path) -> ChaosToolkitExperiment:
    """Read an experiment from JSON or YAML, with what its configuration holds put in where `${name}` asks for it.

    Raises `ConfigurationError` when the file is not such an experiment.
    """
    experiment = parse_document(_as_yaml(read_text(path)), ChaosToolkitExperiment, source=str(path))
    values = {name: value for name, value in experiment.configuration.items() if is_known(value)}
    content = experiment.model_dump(by_alias=True, exclude_unset=True, exclude={"configuration", "secrets"})
    kept = {"configuration": experiment.configuration, "secrets": experiment.secrets}
    return ChaosToolkitExperiment.model_validate({**_fill_in(content, values), **kept})  # type: ignore[dict-item]  # an object stays one


def is_known(value: JsonValue) -> TypeGuard[str | int | float]:
    """Tell whether a configured value is in the file, rather than how to find it at run time."""
    return isinstance(value, str | int | float)


def _as_yaml(text: str) -> str:
    """Write JSON anew as YAML can read it (without tabs and escapes of surrogates); leave YAML alone."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except ValueError:
        return text


def _fill_in(content: JsonValue | tuple[JsonValue, ...], values: dict[str, str | int | float]) -> JsonValue:
    """Put configured values in; a text that is nothing but `${name}` takes the value's type, as the library does it."""
    match content:
        case str():
            whole = Template.pattern.fullmatch(content)
            name = (whole["braced"] or whole["named"]) if whole else None
            return values[name] if name in values else Template(content).safe_substitute(values)
        case list() | tuple():
            return [_fill_in(item, values) for item in content]
        case dict():
            return {key: _fill_in(item, values) for key, item in content.items()}
        case _:
            return content
