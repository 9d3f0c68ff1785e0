"""The row accounting says what adds up, and what does not."""

import pytest

from include.chaos import events as e
from include.chaos.model import QuarantineAccount, RelationAccount, RelationComparison, RowOutcome
from include.chaos.reports.accounting import Accounting
from include.chaos.reports.content import build_report
from tests.chaos import journals


def _account(*relations: RelationAccount, comparisons: tuple[RelationComparison, ...] = ()) -> Accounting:
    rows = journals.rows(*relations).model_copy(update={"comparisons": comparisons})
    return build_report(journals.replacing(e.RowsVerified, rows)).accounting


def test_all_rows_that_landed_are_said_to_have() -> None:
    """With the manifest's objects, which add up."""
    accounting = _account()
    assert accounting.essence.startswith("All 10 expected rows have landed")
    assert accounting.manifest
    assert accounting.manifest.adds_up
    assert accounting.relations[0].compared is None


def test_counts_that_do_not_add_up_are_not_to_be_trusted() -> None:
    """Ten expected, nine landed and none lost is no account."""
    accounting = _account(RelationAccount(relation="pairs", expected=10, landed=9))
    assert not accounting.relations[0].adds_up
    assert not accounting.relations[0].intact
    assert "do not add up" in accounting.essence


def test_samples_are_shown_with_their_outcome() -> None:
    """All that the journal has, up to twenty."""
    rows = tuple(f"('{number}.mid',)" for number in range(20))
    account = RelationAccount(relation="pairs", expected=30, landed=5, lost=25, samples={RowOutcome.LOST: rows})
    (samples,) = _account(account).relations[0].samples
    assert (samples.outcome, samples.of, samples.rows) == (RowOutcome.LOST, 25, rows)


def test_how_it_was_compared_is_said() -> None:
    """Buckets, and rows that had to leave the database."""
    comparison = RelationComparison(relation="filename_instrument", buckets=8, differing=1, rows_moved=3)
    compared = _account(comparisons=(comparison,)).relations[0].compared
    assert compared
    assert (compared.buckets, compared.differing, compared.rows_moved) == (8, 1, 3)


def test_that_no_row_was_expected_is_no_praise() -> None:
    """Nothing is missing from nothing."""
    accounting = _account(RelationAccount(relation="pairs", expected=0, landed=0))
    assert "says nothing" in accounting.essence


def test_rows_that_do_not_say_why_they_are_quarantined_are_told_of() -> None:
    """Beside rows that have all landed, which is not all that was promised."""
    quarantine = QuarantineAccount(relation="quarantined_file", without_reason=2, samples=("a.mid", "b.mid"))
    rows = journals.rows().model_copy(update={"quarantine": quarantine})
    essence = build_report(journals.replacing(e.RowsVerified, rows)).accounting.essence
    assert "2 rows of quarantined_file do not say why, among them a.mid, b.mid." in essence


@pytest.mark.parametrize(("then", "changed"), [("one", False), ("another", True), (None, None)])
def test_a_manifest_that_changed_after_it_was_frozen_is_told_of(then: str | None, changed: bool | None) -> None:  # noqa: FBT001
    """Where it was seen at both times; else nothing is claimed."""
    rows = journals.rows().model_copy(update={"manifest_digest": "one"})
    frozen = e.ManifestFrozen(stage="freeze_manifest", objects=5, digest=then) if then else None

    def seen(_t: float, body: e.Event) -> e.Event | None:
        match body:
            case e.RowsVerified():
                return rows
            case e.ManifestFrozen():
                return frozen
            case _:
                return body

    entries = journals.where(seen)
    accounting = build_report(entries).accounting
    assert accounting.manifest
    assert accounting.manifest.changed is changed
    assert ("changed after it had been frozen" in accounting.essence) is bool(changed)
