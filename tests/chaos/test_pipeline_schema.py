"""The published schema of landing contracts is that of the code, and accepts what ships."""

import json

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
import yaml

from include.chaos.experiment_schema import render
from include.chaos.pipeline import PIPELINES, Pipeline
from include.chaos.pipeline_schema import SCHEMA_FILE

SCHEMA = json.loads(render(Pipeline))


def test_the_published_schema_is_that_of_the_code() -> None:
    """`python -m include.chaos.pipeline_schema` writes it again."""
    assert SCHEMA_FILE.read_text(encoding="utf8") == render(Pipeline)


def test_the_schema_is_one() -> None:
    """By its own dialect's rules."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", [path.stem for path in PIPELINES.glob("*.yaml")])
def test_every_shipped_contract_is_accepted(name: str) -> None:
    """As it is written."""
    jsonschema.validate(yaml.safe_load((PIPELINES / f"{name}.yaml").read_text()), SCHEMA)


@pytest.mark.parametrize(("right", "wrong"), [("freshness: 5m", "freshness: soon"), ("  sql:", "  sgl:")])
def test_what_the_reader_refuses_an_editor_marks(right: str, wrong: str) -> None:
    """Durations and unknown keys."""
    text = (PIPELINES / "orders.yaml").read_text()
    assert right in text
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text.replace(right, wrong, 1)), SCHEMA)
