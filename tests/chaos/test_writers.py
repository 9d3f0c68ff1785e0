"""Who wrote while another try did is read from what each left on record."""

from datetime import datetime

from include.chaos.consumer_events import WriterOverlap
from include.chaos.writers import WriterTry, find_overlaps
from tests.chaos.journals import at


def tried(
    number: int,
    began: float,
    *,
    wrote: float | None = None,
    refused: float | None = None,
    ended: float | None = None,
    writer: str = "extract",
) -> WriterTry:
    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else at(seconds)

    return WriterTry(
        writer=writer,
        number=number,
        began_at=at(began),
        last_wrote_at=moment(wrote),
        refused_at=moment(refused),
        ended_at=moment(ended),
    )


def overlap(since: float, until: float, *, fence_held: bool | None) -> WriterOverlap:
    return WriterOverlap(writer="extract", older=1, newer=2, since=at(since), until=at(until), fence_held=fence_held)


def test_tries_one_after_the_other_are_no_two_writers() -> None:
    """In whatever order they are told, and whoever else writes meanwhile."""
    tries = [tried(2, 20, wrote=30), tried(1, 0, wrote=19), tried(1, 10, wrote=25, writer="score")]
    assert list(find_overlaps(tries)) == []


def test_a_try_that_was_refused_while_the_next_one_ran_was_fenced_off() -> None:
    """From the next one's begin to the last refusal."""
    tries = [tried(1, 0, wrote=15, refused=23), tried(2, 20, wrote=30)]
    assert list(find_overlaps(tries)) == [overlap(20, 23, fence_held=True)]


def test_a_try_that_committed_while_the_next_one_ran_was_not_kept_from_it() -> None:
    """Also where it was refused later."""
    tries = [tried(1, 0, wrote=21, refused=23), tried(2, 20)]
    assert list(find_overlaps(tries)) == [overlap(20, 23, fence_held=False)]


def test_where_only_ends_are_recorded_nothing_is_said_of_a_fence() -> None:
    """As in Spark's log."""
    assert list(find_overlaps([tried(1, 0, ended=22), tried(2, 20)])) == [overlap(20, 22, fence_held=None)]
