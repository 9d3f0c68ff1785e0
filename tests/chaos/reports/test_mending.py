"""Advice comes from the reasons, for each of them, and is not invented."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType

import pytest

from include.chaos import consumer_findings, verdict
from include.chaos import events as e
from include.chaos.model import RelationAccount, VerdictValue
from include.chaos.reports.advice import ADVICE
from include.chaos.reports.content import build_report
from include.chaos.reports.mending import advise
from tests.chaos import journals

_ASKING = (
    "_baseline_problems",
    "_strike_problems",
    "_problems_of",
    "_overlap_problems",
    "_failures",
    "_row_failures",
    "_unknowns",
    "_unknowns_of",
    "_lateness_unknowns",
    "reader_failures",
    "reader_unknowns",
    "writer_failures",
)


def _reasons() -> Iterator[str]:
    """Give every sentence that the judge's questions can yield, with `3` for whatever it fills in."""
    for node in (*ast.walk(_parsed(verdict)), *ast.walk(_parsed(consumer_findings))):
        if isinstance(node, ast.FunctionDef) and node.name in _ASKING:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Yield) and (said := _sentence(inner.value)):
                    yield said


def _parsed(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _sentence(node: ast.expr | None) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "3" for part in parts)  # type: ignore[misc]
        case _:
            return ""


_PREFIXED = "33"
"""A strike's name before a reason of another question."""


@pytest.mark.parametrize("reason", sorted({*_reasons()} - {_PREFIXED}))
def test_each_reason_of_the_judge_has_advice(reason: str) -> None:
    """A reason that is added to the judge gets a line in `include/chaos/reports/advice.py`."""
    assert advise(reason).do, reason


def test_no_advice_hides_behind_another_for_the_same_reason() -> None:
    """The first pattern that fits counts, so a second one would never be shown."""
    patterns = [pattern for pattern, _ in ADVICE]
    assert len(set(patterns)) == len(patterns)


def test_rows_that_went_wrong_in_two_ways_get_two_pieces_of_advice() -> None:
    """Lost and duplicated have different causes."""
    account = RelationAccount(relation="pairs", expected=10, landed=8, lost=2, duplicated=1)
    report = build_report(journals.replacing(e.RowsVerified, journals.rows(account)))
    (advice,) = report.mending.advice
    said = advice.do
    assert len(said) == 2
    assert said[0].startswith("Rows are missing")
    assert said[1].startswith("Rows are there more than once")


def test_a_reason_that_nobody_knows_gets_no_advice() -> None:
    """None is invented."""
    assert advise("The moon was full.").do == ()


def test_a_strike_s_name_before_a_reason_does_not_hide_it() -> None:
    """With several strikes, a reason begins with whose it is."""
    (do,) = advise("Besides: Strike second: The fault was injected, but no probe saw an effect.").do
    assert do.startswith("Add a probe")


@pytest.mark.parametrize("value", list(VerdictValue))
def test_each_verdict_says_what_comes_next(value: VerdictValue) -> None:
    """A passing run, too."""
    report = build_report(journals.reaching(value, run="run"))
    assert report.mending.closing
    assert bool(report.mending.advice) is (value is not VerdictValue.PASSED)
