"""A scorecard counts as passed only what passed, and names what has become worse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.chaos.campaigns.comparison import Change
from include.chaos.campaigns.coverage import Heat, draw_heat_maps
from include.chaos.campaigns.outcomes import CampaignRecord
from include.chaos.campaigns.scorecard import build_scorecard
from include.chaos.model import VerdictValue
from include.errors import ConfigurationError
from tests.chaos.campaigns import made
from tests.chaos.campaigns.made import FAILED, INCONCLUSIVE, NOT_EXERCISED, PASSED, Verdicts, record


@given(st.lists(st.sampled_from([*VerdictValue, None]), min_size=1))
def test_the_score_is_the_share_of_conclusive_cells_that_passed(verdicts: list[VerdictValue | None]) -> None:
    """What decided nothing is in no sum but its own."""
    card = build_scorecard(record({"a": tuple(verdicts)}))
    passed, failed = verdicts.count(PASSED), verdicts.count(FAILED)
    assert card.resilience_score == (passed / (passed + failed) if passed + failed else None)
    assert card.conclusive + card.counts[NOT_EXERCISED] + card.counts[INCONCLUSIVE] + card.without_verdict == len(
        verdicts
    )
    assert (card.exit_code == 0) == (set(verdicts) == {PASSED})


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ({"a": (PASSED, PASSED)}, 0),
        ({"a": (PASSED,), "b": (FAILED,)}, 1),
        ({"a": (PASSED,), "b": (NOT_EXERCISED,)}, 3),
        ({"a": (PASSED,), "b": (NOT_EXERCISED,), "c": (INCONCLUSIVE,)}, 4),
        ({"a": (PASSED,), "b": (None,)}, 4),
        ({"a": (FAILED,)}, 5),
        ({"a": (PASSED, FAILED)}, 5),
    ],
)
def test_ci_is_told_the_worst(now: Verdicts, code: int) -> None:
    """By codes that differ; `a` had passed the last time, and `b` had failed."""
    card = build_scorecard(record(now, day=2), [record({"a": (PASSED,), "b": (FAILED,)})])
    assert card.exit_code == code
    assert card.meaning


def test_each_change_is_named_with_its_case() -> None:
    """A case that decided nothing is no regression, and is not hidden either."""
    before = record({"r": (PASSED,), "l": (PASSED,), "m": (FAILED,), "f": (FAILED,), "d": (PASSED,), "u": (PASSED,)})
    after = record(
        {"r": (FAILED,), "l": (None,), "m": (PASSED,), "f": (FAILED,), "n": (PASSED,), "u": (PASSED,)}, day=2
    )
    compared = build_scorecard(after, [before, after]).compared
    assert compared is not None
    assert compared.against == "made__1"
    named = {change: [case[0] for case in cases] for change, cases in compared.changes.items()}
    assert named == {
        Change.REGRESSION: ["r"],
        Change.LOST_EVIDENCE: ["l"],
        Change.MENDED: ["m"],
        Change.STILL_FAILING: ["f"],
        Change.ADDED: ["n"],
        Change.DROPPED: ["d"],
    }
    assert "failed now: r at as in file" in compared.essence


def test_it_is_compared_with_the_last_one_of_its_name_that_came_to_its_end() -> None:
    """Not with another name's, a later one, one that was cut off, nor itself."""
    others = [
        record({"a": (FAILED,)}, day=1),
        record({"a": (PASSED,)}, day=2),
        record({"a": (FAILED,)}, day=3, scored=False),
        record({"a": (FAILED,)}, day=4, name="another"),
        record({"a": (FAILED,)}, day=6),
    ]
    card = build_scorecard(record({"a": (FAILED,)}, day=5), others)
    assert card.compared is not None
    assert card.compared.against == "made__2"
    assert build_scorecard(others[0], others).compared is None


def test_a_campaign_that_was_cut_off_has_no_scorecard() -> None:
    """And is told how to go on."""
    with pytest.raises(ConfigurationError, match="campaign run made --resume made__1"):
        build_scorecard(record({"a": (PASSED,)}, scored=False))


def test_a_stage_nobody_struck_is_on_the_map_and_undecided_cells_are_no_coverage() -> None:
    """Every stage by every fault kind of the campaign; a failure outweighs passes."""
    outcomes = [
        made.outcome(made.cell("a", stage="publish"), PASSED),
        made.outcome(made.cell("b", stage="publish"), FAILED),
        made.outcome(made.cell("c", stage="publish", fault="pause"), PASSED),
        made.outcome(made.cell("d", stage="extract_instruments", fault="pause"), NOT_EXERCISED),
    ]
    (drawn,) = draw_heat_maps(outcomes, made.STAGES)
    assert drawn.faults == ("kill", "pause")
    assert {row.stage: [square.heat for square in row.squares] for row in drawn.rows} == {
        "freeze_manifest": [Heat.UNTRIED, Heat.UNTRIED],
        "extract_instruments": [Heat.UNTRIED, Heat.UNDECIDED],
        "publish": [Heat.FAILED, Heat.PASSED],
    }
    assert drawn.essence.startswith("2 of 6 squares (33.3%) have a conclusive cell")


def test_a_record_reads_back_as_it_was_written() -> None:
    """The agent keeps it as text."""
    kept = record({"a": (PASSED, None)})
    assert CampaignRecord.model_validate_json(kept.model_dump_json()) == kept
