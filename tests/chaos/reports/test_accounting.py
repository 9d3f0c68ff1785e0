"""The row accounting says what adds up, and what does not."""

from include.chaos import events as e
from include.chaos.model import RelationAccount, RelationComparison, RowOutcome
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
