"""Say what is wrong with a document so that its writer can mend it: where, what was expected, the nearest right word.

pydantic names a place by steps that also hold the names of union branches, which no file has; the model's JSON schema
tells those apart from keys, and knows which keys there could have been.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from yaml import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Step = str | int
Steps = tuple[Step, ...]
Schema = Mapping[str, Any]
"""A JSON schema, as pydantic gives it: free-form by nature."""

_QUOTED = re.compile(r"'([^']*)'")
_SHOWN = 60


_NOTHING = object()
"""What was given where that is no part of the complaint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Complaint:
    """What is wrong in one place; `words` are what could have stood there instead of `given`."""

    text: str
    given: object = _NOTHING
    words: tuple[str, ...] = ()


def describe(error: ValidationError, schema: Schema, document: Node) -> list[str]:
    """Give one text for each place that is wrong, `line:column: path: complaint`, in the document's order."""
    places: dict[Steps, list[_Complaint]] = {}
    for detail in error.errors():
        if not _follows_from_others(detail):
            path, complaint = _read_detail(detail, schema)
            places.setdefault(path, []).append(complaint)
    lines = []
    for path, complaints in places.items():
        mark, _, _ = follow(document, path)
        place = (mark.line + 1, mark.column + 1)
        lines.append((place, f"{place[0]}:{place[1]}: {path_text(path)}: {_say(complaints)}"))
    return [text for _, text in sorted(lines)]


def suggestion(unknown: str, known: Iterable[str]) -> str:
    """End a complaint about a word with the one that was probably meant, or with all that there are."""
    words = list(known)
    if near := get_close_matches(unknown, words, n=1):
        return f"; did you mean {near[0]!r}?"
    return f"; there are: {', '.join(words) or 'none'}"


def path_text(path: Steps) -> str:
    """Write steps the way people name fields: `strikes[0].fault.kind`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "(top)"


def follow(node: Node, steps: Iterable[Step]) -> tuple[Mark, Node, Steps]:
    """Go as far as the document goes; give the last mark (a key's, where there is one), node and the steps taken."""
    mark = node.start_mark
    taken: list[Step] = []
    for step in steps:
        if (found := _child(node, step)) is None:
            break
        mark, node = found
        taken.append(step)
    return mark, node, tuple(taken)


def _child(node: Node, step: Step) -> tuple[Mark, Node] | None:
    if isinstance(node, MappingNode):
        pairs = [(key.start_mark, value) for key, value in node.value if _is_key(key, step)]
        return pairs[-1] if pairs else None
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def _is_key(key: Node, step: Step) -> bool:
    return isinstance(key, ScalarNode) and key.value == str(step)


def _follows_from_others(detail: ErrorDetails) -> bool:
    """Tell a list that is too short only because its wrong items were not counted."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _read_detail(detail: ErrorDetails, schema: Schema) -> tuple[Steps, _Complaint]:  # noqa: PLR0911  # one a kind
    """Turn one error of pydantic's into a place in the file and a complaint."""
    path, owner, here = _steps_in_document(detail["loc"], schema)
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            unknown = str(detail["loc"][-1])
            return path, _Complaint(text=f"unknown key {unknown!r}{suggestion(unknown, owner.get('properties', ()))}")
        case "missing":
            return path, _Complaint(text="must be there, and is not")
        case "value_error":
            return path, _Complaint(text=str(context["error"]))
        case "union_tag_not_found":
            key = context["discriminator"].strip("'")
            return (*path, key), _Complaint(text=f"must be there, and is not; one of {', '.join(_tags(here))}")
        case "union_tag_invalid":
            key = context["discriminator"].strip("'")
            return (*path, key), _expected(context["expected_tags"], context["tag"])
        case "literal_error" | "enum":
            return path, _expected(context["expected"], detail["input"])
        case "model_type":
            return path, _Complaint(text=f"expected a mapping ({context['class_name']})", given=detail["input"])
        case "time_delta_type" | "time_delta_parsing":
            return path, _Complaint(text="expected a duration such as 250ms, 10s, 2m or 1h", given=detail["input"])
        case _:
            text = detail["msg"].replace("Input should be", "expected", 1)
            return path, _Complaint(text=text, given=detail["input"])


def _expected(words: str, given: object) -> _Complaint:
    return _Complaint(text=f"expected {words}", given=given, words=tuple(_QUOTED.findall(words)))


def _say(complaints: Sequence[_Complaint]) -> str:
    """Put the complaints about one place together: the branches of a union each have one."""
    first, *others = dict.fromkeys(complaint.text for complaint in complaints)
    said = ", or ".join([first, *(text.removeprefix("expected ") for text in others)]) + _got(complaints[0].given)
    words = [word for complaint in complaints for word in complaint.words]
    given = complaints[0].given
    near = isinstance(given, str) and get_close_matches(given, words, n=1)
    return f"{said}; did you mean {near[0]!r}?" if near else said


def _got(given: object) -> str:
    if given is _NOTHING:
        return ""
    if isinstance(given, Mapping | list | tuple):
        return f", got a {'mapping' if isinstance(given, Mapping) else 'list'}"
    shown = repr(given)
    return f", got {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}"


def _steps_in_document(location: Steps, schema: Schema) -> tuple[Steps, Schema, Schema]:
    """Drop the steps that only name a branch of a union; give the schemas of the last step's owner and of its value."""
    definitions = schema.get("$defs", {})
    owner = here = schema
    kept: list[Step] = []
    for step in location:
        here = _resolve(here, definitions)
        if branch := _branch(here, step, definitions):
            here = branch
        elif "anyOf" not in here:  # there, a scalar's name, which leads nowhere
            owner, here = here, _member(here, step)
            kept.append(step)
    return tuple(kept), owner, _resolve(here, definitions)


def _resolve(schema: Schema, definitions: Schema) -> Schema:
    """Follow references, and look through `| None`, which pydantic's steps do not mention."""
    while True:
        options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
        if "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
        elif len(options) == 1:
            schema = options[0]
        else:
            return schema


def _branch(schema: Schema, step: Step, definitions: Schema) -> Schema | None:
    """Give the branch of a union that a step names, if it does."""
    if mapping := schema.get("discriminator", {}).get("mapping"):
        return _resolve({"$ref": mapping[step]}, definitions) if step in mapping else None
    options = [_resolve(option, definitions) for option in schema.get("anyOf", ())]
    return next((option for option in options if option.get("title") == step), None)


def _member(schema: Schema, step: Step) -> Schema:
    if isinstance(step, int):
        return _schema_or_none(schema.get("items"))
    return _schema_or_none(schema.get("properties", {}).get(step) or schema.get("additionalProperties"))


def _schema_or_none(found: object) -> Schema:
    return found if isinstance(found, Mapping) else {}


def _tags(schema: Schema) -> list[str]:
    return list(schema.get("discriminator", {}).get("mapping", ()))
