"""The published schema is that of the code, and accepts what ships."""

import json

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
import yaml

from include.chaos.documents import read_document
from include.chaos.experiment import Experiment, experiment_files
from include.chaos.experiment_schema import SCHEMA_FILE, render

SCHEMA = json.loads(render())


def test_the_published_schema_is_that_of_the_code() -> None:
    """`python -m include.chaos.experiment_schema` writes it again."""
    assert SCHEMA_FILE.read_text(encoding="utf8") == render()


def test_the_schema_is_one() -> None:
    """By its own dialect's rules."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", [path.name for path in experiment_files()])
def test_every_shipped_experiment_is_accepted(name: str) -> None:
    """As it is written, and as a journal keeps it."""
    path = next(path for path in experiment_files() if path.name == name)
    experiment = read_document(path, Experiment)
    for text in (path.read_text(encoding="utf8"), experiment.to_yaml()):
        jsonschema.validate(yaml.safe_load(text), SCHEMA)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("kind: kill", "kind: kil"),
        ("hold_for: 10s", "hold_for: 10 secs"),
        ("staged_rows: 50%", "staged_rows: half"),
        ("title: The", "titel: The"),
        ("component: warehouse", "component: warehous"),
    ],
)
def test_what_the_reader_refuses_an_editor_marks(right: str, wrong: str) -> None:
    """Unknown keys, kinds, durations and shares."""
    path = next(path for path in experiment_files() if path.stem == "warehouse-killed-while-landing")
    text = path.read_text(encoding="utf8")
    assert right in text
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text.replace(right, wrong, 1)), SCHEMA)
