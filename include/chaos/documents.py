"""Read the YAML files that people write into models, with errors that name the file, the field and what is wrong."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from include.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)


def read_document(path: Path, model: type[M]) -> M:
    """Read one YAML file as `model`; raise `ConfigurationError` that names file and field."""
    try:
        text = path.read_text(encoding="utf8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_document(text, model, source=str(path))


def parse_document(text: str, model: type[M], *, source: str) -> M:
    """Read YAML text as `model`; `source` is what errors call it."""
    try:
        return model.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{source}: not YAML: {error}") from error
    except ValidationError as error:
        problems = "\n".join(
            f"  {'.'.join(map(str, problem['loc'])) or '(top)'}: {problem['msg']}" for problem in error.errors()
        )
        raise ConfigurationError(f"{source}:\n{problems}") from error
