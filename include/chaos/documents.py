"""Read the YAML files that people write into models; errors name file, line, column, field and what was expected."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode

from include.chaos.document_problems import Step, Steps, describe, follow, path_text
from include.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)


def read_document(path: Path, model: type[M]) -> M:
    """Read one YAML file as `model`; raise `ConfigurationError` with a line for each thing that is wrong."""
    return parse_document(read_text(path), model, source=str(path))


def read_text(path: Path) -> str:
    """Read a file; raise `ConfigurationError` when it cannot be read."""
    try:
        return path.read_text(encoding="utf8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error


def parse_document(text: str, model: type[M], *, source: str) -> M:
    """Read YAML text as `model`; `source` is what errors call it."""
    node, content = _compose(text, source)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = describe(error, model.model_json_schema(), node)
        raise ConfigurationError("\n".join(f"{source}:{problem}" for problem in problems)) from error


def locate(text: str, steps: Steps) -> str:
    """Give `line:column: path` of a field in YAML text that was read before; of its parent when it is not written."""
    node = yaml.compose(text, yaml.SafeLoader)
    if node is None:
        return "1:1"
    mark, _, found = follow(node, steps)
    return f"{mark.line + 1}:{mark.column + 1}: {path_text(found)}"


def _compose(text: str, source: str) -> tuple[Node, object]:
    """Give the document's nodes, which know their lines, and its content."""
    try:
        return _load(text, source)
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError(f"{source}:{_not_yaml(error)}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{source}: not YAML: {' '.join(str(error).split())}") from error


def _load(text: str, source: str) -> tuple[Node, object]:
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise ConfigurationError(f"{source}:1:1: the file is empty")
        if doubles := list(_double_keys(node, ())):
            raise ConfigurationError("\n".join(f"{source}:{double}" for double in doubles))
        return node, loader.construct_document(node)
    finally:
        loader.dispose()


def _not_yaml(error: yaml.MarkedYAMLError) -> str:
    said = ", ".join(part for part in (error.context, error.problem) if part)
    mark = error.problem_mark or error.context_mark
    return f"{mark.line + 1}:{mark.column + 1}: not YAML: {said}" if mark else f" not YAML: {said}"


def _double_keys(node: Node, path: Steps, within: tuple[int, ...] = ()) -> Iterator[str]:
    """Find keys that a mapping has twice: YAML would let the last one win, silently."""
    if id(node) in within:
        raise ConstructorError(None, None, "an alias that holds itself", node.start_mark)
    if isinstance(node, MappingNode):
        yield from _double_keys_of(node, path)
    for step, child in _children(node):
        yield from _double_keys(child, (*path, step), (*within, id(node)))


def _double_keys_of(node: MappingNode, path: Steps) -> Iterator[str]:
    first: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, ScalarNode) or key.value == "<<":
            continue
        if key.value in first:
            place = f"{key.start_mark.line + 1}:{key.start_mark.column + 1}: {path_text((*path, key.value))}"
            yield f"{place}: this key is there already, in line {first[key.value]}"
        first.setdefault(key.value, key.start_mark.line + 1)


def _children(node: Node) -> Iterator[tuple[Step, Node]]:
    if isinstance(node, MappingNode):
        yield from ((str(key.value), value) for key, value in node.value)
    elif not isinstance(node, ScalarNode):
        yield from enumerate(node.value)
