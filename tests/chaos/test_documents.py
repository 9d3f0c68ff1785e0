"""A wrong file says where it is wrong, what was expected there, and which word was probably meant."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from include.chaos.documents import locate, parse_document, read_document
from include.chaos.experiment import Experiment, experiment_files
from include.chaos.model import Component, Duration, Model
from include.errors import ConfigurationError


class Sql(Model):
    kind: Literal["sql"]
    query: str


class Command(Model):
    kind: Literal["command"]
    command: tuple[str, ...] = Field(min_length=1)
    expect: float | str | None = None


class Wanted(Model):
    """A small document with everything that a large one has."""

    title: str
    component: Component = Component.WAREHOUSE
    hold_for: Duration = timedelta(0)
    probes: tuple[Annotated[Sql | Command, Field(discriminator="kind")], ...] = Field(default=(), min_length=1)
    limits: dict[str, float] = Field(default_factory=dict)


RIGHT = """\
title: It holds
hold_for: 2s
probes:
  - kind: sql
    query: SELECT 1
  - {kind: command, command: ["true"], expect: 1}
limits:
  most: 2
"""


def complaint(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse_document(text, Wanted, source="it.yaml")
    return str(caught.value)


def test_a_right_file_is_read() -> None:
    """Errors are for wrong files only."""
    assert parse_document(RIGHT, Wanted, source="it.yaml").probes[0] == Sql(kind="sql", query="SELECT 1")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("title: It", "titel: It", "it.yaml:1:1: titel: unknown key 'titel'; did you mean 'title'?"),
        ("title: It", "xyz: It", "it.yaml:1:1: xyz: unknown key 'xyz'; there are: title, component, hold_for"),
        ("title: It", "xyz: It", "it.yaml:1:1: title: must be there, and is not"),
        ("hold_for: 2s", "hold_for: 2 secs", "it.yaml:2:1: hold_for: expected a duration such as 250ms"),
        ("hold_for: 2s", "component: warehous", "did you mean 'warehouse'?"),
        ("kind: sql", "kind: sqll", "it.yaml:4:5: probes[0].kind: expected 'sql', 'command', got 'sqll'; did you mean"),
        ("kind: sql", "knd: sql", "it.yaml:4:5: probes[0].kind: must be there, and is not; one of command, sql"),
        ("query: SELECT 1", "queri: 1", "it.yaml:5:5: probes[0].queri: unknown key 'queri'; did you mean 'query'?"),
        ("query: SELECT 1", "queri: 1", "it.yaml:4:5: probes[0].query: must be there, and is not"),
        ("expect: 1", "expect: [1]", "probes[1].expect: expected a valid number, or a valid string, got a list"),
        ('command: ["true"]', "command: []", "it.yaml:6:21: probes[1].command: "),
        ('command: ["true"]', "command: [[]]", "it.yaml:6:31: probes[1].command[0]: expected a valid string, got a"),
        ("most: 2", "most: many", "it.yaml:8:3: limits.most: expected a valid number"),
        ("most: 2", "most: 2\n  most: 3", "it.yaml:9:3: limits.most: this key is there already, in line 8"),
        ("most: 2", "most: 2\n\tleast: 3", "it.yaml:9:1: not YAML: "),
        ("most: 2", "most: 2026-13-13", "not YAML"),
        ("most: 2", "most: &a [*a]", "not YAML: an alias that holds itself"),
        (RIGHT, "", "it.yaml:1:1: the file is empty"),
        (RIGHT, "- a", "it.yaml:1:1: (top): expected a mapping (Wanted), got a list"),
        (RIGHT, "a: 1\n---\nb: 2", "it.yaml:2:1: not YAML: expected a single document"),
    ],
)
def test_an_error_names_line_column_field_and_what_was_expected(right: str, wrong: str, said: str) -> None:
    """One example for each way of being wrong."""
    assert said in complaint(RIGHT.replace(right, wrong, 1))


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_lines() -> None:
    """A writer mends a file in one go; a list whose items are wrong is not also too short."""
    text = RIGHT.replace("title", "titel").replace("query", "queri").replace("2s", "soon")
    lines = complaint(text).splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "1", "2", "4", "5"]


def test_a_union_branch_that_is_named_like_a_key_leads_to_the_right_line() -> None:
    """`command` is both a kind and a key of that kind."""
    said = complaint(RIGHT.replace("expect: 1", "expct: 1"))
    assert "it.yaml:6:40: probes[1].expct: unknown key 'expct'; did you mean 'expect'?" in said


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or not text."""
    with pytest.raises(ConfigurationError, match=r"none\.yaml: cannot be read"):
        read_document(tmp_path / "none.yaml", Wanted)
    (tmp_path / "binary.yaml").write_bytes(b"title: \xff")
    with pytest.raises(ConfigurationError, match=r"binary\.yaml: not UTF-8"):
        read_document(tmp_path / "binary.yaml", Wanted)


def test_a_field_can_be_located_for_those_who_find_it_wrong_later() -> None:
    """A name that resolves to nothing has a line as well."""
    assert locate(RIGHT, ("probes", 0, "query")) == "5:5: probes[0].query"
    assert locate(RIGHT, ("probes", 7, "query")) == "3:1: probes"


def refusal(text: str, model: type[Model]) -> str:
    """Give the complaint about a text, or just the file's name when there is none."""
    try:
        parse_document(text, model, source="it.yaml")
    except ConfigurationError as error:
        return str(error)
    return "it.yaml:"


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_the_files_name(text: str) -> None:
    """No text makes the reader fail in another way."""
    assert refusal(text, Wanted).startswith("it.yaml:")


@given(st.data())
def test_a_shipped_experiment_with_a_line_lost_is_read_or_refused_with_a_place(data: st.DataObject) -> None:
    """Half-written files are what validation is for."""
    text = data.draw(st.sampled_from(experiment_files())).read_text()
    lines = text.splitlines(keepends=True)
    lost = data.draw(st.integers(0, len(lines) - 1))
    assert refusal("".join(lines[:lost] + lines[lost + 1 :]), Experiment).startswith("it.yaml:")
