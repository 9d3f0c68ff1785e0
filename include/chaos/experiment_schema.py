"""Write the JSON Schema of an experiment file, for editors: `python -m include.chaos.experiment_schema`.

An editor takes it from the first line of a file: `# yaml-language-server: $schema=../../docs/experiment.schema.json`.
"""

import json
from datetime import timedelta

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from include.chaos.experiment import Experiment
from include.chaos.model import format_duration, parse_share
from include.settings import REPO_ROOT

SCHEMA_FILE = REPO_ROOT / "docs" / "experiment.schema.json"

DURATION = {"type": "string", "pattern": r"^\s*\d+(\.\d+)?(ms|s|m|h)\s*$", "examples": ["250ms", "10s", "2m", "1h"]}
PERCENT = {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*%\s*$", "examples": ["40%"]}


class _AsWritten(GenerateJsonSchema):
    """Describes values as people write them: `10s`, `40%`."""

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:  # noqa: ARG002  # its signature
        return dict(DURATION)

    def encode_default(self, dft: object) -> object:
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  # its signature
        """Leave out the titles, which only repeat the fields' names."""
        return False

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = super().function_before_schema(schema)
        return {"anyOf": [inner, dict(PERCENT)]} if schema["function"]["function"] is parse_share else inner


def render(model: type[BaseModel] = Experiment) -> str:
    """Give the schema of what people write as `model`, as its file holds it."""
    schema = {"$schema": GenerateJsonSchema.schema_dialect}
    schema |= model.model_json_schema(schema_generator=_AsWritten)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file."""
    SCHEMA_FILE.write_text(render(), encoding="utf8")


if __name__ == "__main__":
    main()
