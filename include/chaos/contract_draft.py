"""A first draft of a landing contract, from what a DAG and a database show. What they do not show, a person decides.

The draft is a contract that can be used as it is, with a twin for an oracle; each decision has its comment.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import yaml

_LANDING = re.compile(
    r"(^|_)(landed|loaded|inserted|created|updated|modified|ingested|processed|published|synced|refreshed|etl|dw)(_|$)"
)
_OF_TIME = ("date", "timestamp", "timestamptz")
_CHANGING = re.compile(r"now\(|current_|clock_timestamp|_timestamp\(|localtime|random|uuid", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundColumn:
    """A column; `preset` is its default, as the database writes it."""

    name: str
    type: str
    preset: str | None = None
    is_identity: bool = False
    comparable: bool = True

    @property
    def why_not(self) -> str | None:
        """Say why two good runs may differ in it, or why it cannot be compared; None where neither is to be seen."""
        if not self.comparable:
            return f"of type {self.type}, which cannot be compared"
        if self.is_identity or (self.preset or "").startswith("nextval("):
            return "a serial number"
        if self.preset and _CHANGING.search(self.preset):
            return f"it is {self.preset} where nothing else is said"
        if self.type in _OF_TIME and _LANDING.search(self.name):
            return "by its name a time of landing"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRelation:
    """A table or view with its unique keys, the primary one first."""

    name: str
    columns: tuple[FoundColumn, ...]
    keys: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a draft is made of; `downstream` are a DAG's tasks and those that come after each."""

    pipeline: str
    dag_id: str
    warehouse: str
    downstream: Mapping[str, Sequence[str]]
    relations: Sequence[FoundRelation]

    def to_yaml(self) -> str:
        """Write it, with comments."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# A first draft of a landing contract; docs/pipelines.md explains it. What you must decide is marked."
        yield f"pipeline: {_word(self.pipeline)}"
        yield f"dag_id: {_word(self.dag_id)}"
        yield "# DECIDE: parameters with which every run lands the same rows."
        yield "# conf: {}"
        yield f"stages: # {self._order()}"
        yield from (f"  - task_id: {_word(task_id)}" for task_id in _in_order(self.downstream))
        yield f"warehouse: {_word(self.warehouse)}"
        yield "# DECIDE: keep the relations that consumers read, and take out those that are the pipeline's own."
        yield "relations:"
        for relation in self.relations:
            yield from _relation_lines(relation)
        yield "# DECIDE: what tells whose rows consumers read, and since when; without it neither is checked."
        yield "# publication: {file: publication.sql} # SELECT dag_run_id, published_at FROM ..."
        yield "# DECIDE: a twin repeats what the pipeline did undisturbed; `sql` or `command` can know what is right."
        yield "oracle:"
        yield "  twin: {}"
        yield "# DECIDE: how long after its run has begun the rows must be there; needs `publication`."
        yield "# freshness: 10m"

    def _order(self) -> str:
        is_chain = all(len(after) <= 1 for after in self.downstream.values())
        return "in the order in which they run" if is_chain else "in one of several orders: some run side by side"


def _in_order(downstream: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Give tasks after all that come before them; side by side, by name."""
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(downstream, ()))
    for task_id, later in downstream.items():
        for other in later:
            sorter.add(other, task_id)
    sorter.prepare()
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        yield from ready
        sorter.done(*ready)


def _relation_lines(relation: FoundRelation) -> Iterator[str]:
    reasons = {column.name: why for column in relation.columns if (why := column.why_not)}
    kept = [column.name for column in relation.columns if column.name not in reasons]
    if not kept:
        yield f"  # {relation.name} has no column that can be compared"
        return
    key = next((key for key in relation.keys if not reasons.keys() & set(key)), None)
    yield f"  - name: {_word(relation.name)}"
    if key is None:
        yield "    # DECIDE: by which columns are rows told apart? No unique key shows it, so all are named."
    yield f"    key: {_list(key or kept)}"
    if values := [name for name in kept if key and name not in key]:
        yield f"    values: {_list(values)}"
    for name, why in reasons.items():
        yield f"    # left out: {name}, {why}"


def _word(text: str) -> str:
    """Write a text as YAML reads it again."""
    return _list([text])[1:-1]


def _list(words: Sequence[str]) -> str:
    return yaml.safe_dump(list(words), default_flow_style=True, width=10_000, allow_unicode=True).strip()
