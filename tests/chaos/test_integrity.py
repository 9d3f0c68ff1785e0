"""Every way in which rows go wrong is told by its own name, in the right number."""

from collections import Counter
from functools import partial, reduce
from operator import ne

from hypothesis import given
from hypothesis import strategies as st

from include.chaos.integrity import (
    SAMPLES_KEPT,
    Key,
    RelationRows,
    Row,
    account_manifest,
    account_relation,
    add_accounts,
)
from include.chaos.model import RowOutcome

KEYS = st.tuples(st.text(max_size=3), st.integers(0, 127))
EXPECTED = st.dictionaries(KEYS, st.tuples(st.floats(allow_nan=False)), max_size=30)


def _rows(expected: dict[Key, Row], landed: list[tuple[Key, Row]]) -> RelationRows:
    return RelationRows(relation="r", expected=expected, landed=landed)


@given(EXPECTED)
def test_what_landed_as_expected_is_intact(expected: dict[Key, Row]) -> None:
    """All rows once and nothing else is intact, in any order."""
    account = account_relation(_rows(expected, list(expected.items())[::-1]))
    assert account.intact
    assert account.landed == account.expected == len(expected)


@given(EXPECTED.filter(bool), st.data())
def test_each_planted_defect_is_counted_under_its_name(expected: dict[Key, Row], data: st.DataObject) -> None:
    """Lost, duplicated, corrupted and unexpected rows are planted together, and counted apart."""
    fates = {key: data.draw(st.sampled_from(["landed", "lost", "duplicated", "corrupted"])) for key in expected}
    foreign = data.draw(st.integers(0, 3))
    landed: list[tuple[Key, Row]] = [(("foreign", 1000 + i), (0.0,)) for i in range(foreign)]
    for key, row in expected.items():
        wrong = (data.draw(st.floats(allow_nan=False).filter(partial(ne, row[0]))),)
        fate: dict[str, list[Row]] = {"landed": [row], "lost": [], "duplicated": [row, row], "corrupted": [wrong]}
        copies = fate[fates[key]]
        landed += [(key, copy) for copy in copies]
    account = account_relation(_rows(expected, landed))
    planted = Counter(fates.values())
    assert account.lost == planted["lost"]
    assert account.duplicated == planted["duplicated"]
    assert account.corrupted == planted["corrupted"]
    assert account.unexpected == foreign
    assert account.landed == planted["landed"] + planted["duplicated"]
    assert account.expected == account.landed + account.lost + account.corrupted


def test_two_defects_that_cancel_in_the_count_are_both_found() -> None:
    """One row lost and another doubled leave the row count right, and the account wrong."""
    expected: dict[Key, Row] = {("a",): (), ("b",): ()}
    account = account_relation(_rows(expected, [(("a",), ()), (("a",), ())]))
    assert (account.lost, account.duplicated) == (1, 1)


def test_a_value_wrong_in_its_last_digit_is_corrupted() -> None:
    """Doubles are compared to the bit."""
    account = account_relation(_rows({("a", "b"): (0.1 + 0.2,)}, [(("a", "b"), (0.3,))]))
    assert account.corrupted == 1


def test_samples_are_kept_of_each_outcome_up_to_a_bound() -> None:
    """A million lost rows give twenty samples."""
    account = account_relation(_rows({(str(i),): () for i in range(1000)}, []))
    assert account.lost == 1000
    assert len(account.samples[RowOutcome.LOST]) == SAMPLES_KEPT


def test_manifest_objects_are_landed_quarantined_or_lost_and_add_up() -> None:
    """A swallowed broken file and a readable one in quarantine are both lost."""
    account = account_manifest(
        objects=["ok", "broken", "swallowed", "readable-but-quarantined", "row-lost"],
        expected_quarantine=["broken", "swallowed"],
        found_quarantine=["broken", "readable-but-quarantined"],
        objects_of_lost_rows=["row-lost"],
    )
    assert (account.landed, account.quarantined, account.lost) == (1, 1, 3)
    assert account.samples[RowOutcome.LOST] == ("readable-but-quarantined", "row-lost", "swallowed")


@given(EXPECTED, st.lists(st.tuples(KEYS, st.tuples(st.floats(allow_nan=False))), max_size=30), st.integers(1, 5))
def test_accounts_of_buckets_add_up_to_that_of_the_whole(
    expected: dict[Key, Row], foreign: list[tuple[Key, Row]], buckets: int
) -> None:
    """However the keys are divided, whatever has landed, and though each bucket's rows come only once."""
    landed = [*list(expected.items())[::2], *foreign, *foreign[::2]]
    parts = [
        account_relation(
            RelationRows(
                relation="r",
                expected={key: row for key, row in expected.items() if hash(key) % buckets == bucket},
                landed=((key, row) for key, row in landed if hash(key) % buckets == bucket),
            )
        )
        for bucket in range(buckets)
    ]
    whole, added = account_relation(_rows(expected, landed)), reduce(add_accounts, parts)
    assert added.model_dump(exclude={"samples"}) == whole.model_dump(exclude={"samples"})
    assert {o: len(samples) for o, samples in added.samples.items()} == {
        o: len(samples) for o, samples in whole.samples.items()
    }


def test_those_who_ask_are_told_of_every_key_that_went_wrong() -> None:
    """Samples are bound, and what is told is not: the manifest's account rests on it."""
    told: list[tuple[RowOutcome, Key]] = []
    account_relation(
        _rows({(str(i),): () for i in range(50)}, [(("x",), ())]), lambda outcome, key: told.append((outcome, key))
    )
    assert Counter(outcome for outcome, _ in told) == {RowOutcome.LOST: 50, RowOutcome.UNEXPECTED: 1}
