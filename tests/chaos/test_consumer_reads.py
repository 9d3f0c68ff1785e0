"""What consumers could read is held against the publications that there were; a journal alone decides."""

from datetime import timedelta

from include.chaos.consumer_events import (
    ConsumerRead,
    PublicationStamp,
    ReaderBlind,
    ReaderSees,
    ReaderStarted,
    RelationSight,
    WriterOverlap,
    WritersRead,
)
from include.chaos.consumer_reads import ConsumerReads, read_consumer
from include.chaos.events import Event
from include.chaos.journal import JournalEntry
from include.chaos.model import VerdictValue
from include.chaos.reports.content import build_report
from include.chaos.verdict import judge
from tests.chaos import journals
from tests.chaos.journals import at, number, passing_steps

OURS, BEFORE = "chaos__run", "manual__1"
FIRST, SECOND = ("old", "old"), ("new", "new")


def stamp(run: str, seconds: float) -> PublicationStamp:
    return PublicationStamp(dag_run_id=run, published_at=at(seconds))


def sight(seconds: float, run: str | None, *digests: str | None) -> journals.Step:
    """Give what was seen of two relations; `old` has 10 rows, `new` 12, `none` none and anything else 7."""
    counts = {"old": 10, "new": 12, "none": 0}
    relations = tuple(
        RelationSight(
            relation=name,
            rows=counts.get(digest, 7) if digest else None,
            digest=digest,
            is_empty=digest == "none" if digest else None,
        )
        for name, digest in zip(("song", "pair"), digests, strict=True)
    )
    published = {OURS: stamp(OURS, 30), BEFORE: stamp(BEFORE, -60), None: None}.get(run, stamp(str(run), 10))
    return seconds, ConsumerRead(seen_at=at(seconds), publication=published, relations=relations)


def reading(*steps: journals.Step, promised: bool = True) -> list[JournalEntry]:
    """Give the passing run with a reader that saw this."""
    started = ReaderStarted(relations=("song", "pair"), promises_publication=promised)
    events: list[tuple[float, Event]] = [*passing_steps(), (0.5, started), *steps]
    return number(sorted(events, key=lambda step: step[0]))


def account(*steps: journals.Step, promised: bool = True) -> ConsumerReads:
    reads = read_consumer(reading(*steps, promised=promised), OURS)
    assert reads is not None
    return reads


def test_one_publication_then_the_other_is_what_consumers_should_see() -> None:
    """Both relations move with the stamp; the run passes, and the report says how many states there were."""
    entries = reading(sight(1, BEFORE, *FIRST), sight(30, OURS, *SECOND))
    assert judge(entries).value is VerdictValue.PASSED
    consuming = build_report(entries).consuming
    assert (consuming.states, consuming.broken) == (2, ())
    assert "never a mixture and never a step back" in consuming.essence


def test_a_relation_that_came_before_its_stamp_is_a_mixture() -> None:
    """It reads like the next publication while the stamp names the one before; moment, rows and both runs are said."""
    entries = reading(sight(1, BEFORE, *FIRST), sight(29.9, BEFORE, "new", "old"), sight(29.95, OURS, *SECOND))
    verdict = judge(entries)
    assert verdict.value is VerdictValue.FAILED
    said = "with the publication of manual__1, song was that of chaos__run (12 rows, not 10 rows)."
    moment = "at 00:00:29.900000 for 50 ms at most"
    assert verdict.reasons == (f"Consumers could read what is no publication, {moment}: {said}",)


def test_a_relation_that_came_after_its_stamp_is_a_mixture() -> None:
    """It is stale for a moment."""
    reads = account(sight(1, BEFORE, *FIRST), sight(29.9, OURS, "new", "old"), sight(29.95, OURS, *SECOND))
    (broken,) = reads.broken
    assert (broken.at, broken.lasted) == (at(29.9), timedelta(milliseconds=50))
    assert broken.what == "with the publication of chaos__run, pair was that of manual__1 (10 rows, not 12 rows)"


def test_rows_that_vanish_for_a_moment_are_seen() -> None:
    """Deleting and inserting in two transactions."""
    reads = account(sight(1, BEFORE, *FIRST), sight(20, BEFORE, "none", "old"), sight(20.1, BEFORE, *FIRST))
    assert [broken.what for broken in reads.broken] == [
        "with the publication of manual__1, song was empty (10 rows belong there)"
    ]


def test_half_of_a_publication_is_none() -> None:
    """Rows that are appended one batch after the other, in sight of everybody."""
    reads = account(sight(1, BEFORE, *FIRST), sight(20, BEFORE, "half", "old"), sight(30, OURS, *SECOND))
    assert [broken.what for broken in reads.broken] == [
        "with the publication of manual__1, song was of no publication (7 rows, not 10 rows)"
    ]


def test_an_older_publication_after_a_newer_one_is_a_step_back() -> None:
    """Whichever way it comes back; that the newer one is there again is none."""
    reads = account(
        sight(1, BEFORE, *FIRST), sight(30, OURS, *SECOND), sight(31, BEFORE, *FIRST), sight(32, OURS, *SECOND)
    )
    assert [broken.what for broken in reads.broken] == [
        "a step back, to the publication of manual__1 after that of chaos__run"
    ]


def test_a_stamp_of_an_earlier_time_is_a_step_back() -> None:
    """A run of which nobody had heard, with a time before the one that was in sight."""
    reads = account(sight(1, OURS, *FIRST), sight(2, "backfill", *SECOND))
    assert [broken.what for broken in reads.broken] == [
        "a step back, to the publication of backfill after that of chaos__run"
    ]


def test_a_stamp_that_is_taken_away_is_a_step_back() -> None:
    """Consumers who look for it find nothing."""
    reads = account(sight(1, BEFORE, *FIRST), sight(20, None, "none", "none"), sight(30, OURS, *SECOND))
    assert [broken.what for broken in reads.broken] == ["nothing was published any more, after manual__1"]


def test_another_run_s_publication_in_between_breaks_nothing() -> None:
    """It is not this run's, but it is one."""
    reads = account(sight(1, BEFORE, *FIRST), sight(20, "scheduled", "mid", "mid"), sight(30, OURS, *SECOND))
    assert reads.broken == ()


def test_the_first_publication_of_all_breaks_nothing() -> None:
    """Nothing was published before, and the relations were empty."""
    assert account(sight(1, None, "none", "none"), sight(30, OURS, *SECOND)).broken == ()


def test_what_was_not_read_accuses_nobody() -> None:
    """A relation that was only looked at is held against emptiness alone, and named."""
    reads = account(sight(1, BEFORE, "old", None), sight(29, BEFORE, "old", None), sight(30, OURS, "new", None))
    assert reads.broken == ()
    assert reads.never_whole == ("pair",)


def test_without_a_promised_publication_nothing_is_broken_and_the_states_are_noted() -> None:
    """Who promises none can break none."""
    steps = (sight(1, None, *FIRST), sight(20, None, "half", "old"), sight(30, None, *SECOND))
    verdict = judge(reading(*steps, promised=False))
    assert verdict.value is VerdictValue.PASSED
    assert "The contract promises no publication; consumers could see 3 different states." in verdict.notes


def test_blindness_is_noted_and_so_is_that_it_hides_the_publication() -> None:
    """While the warehouse is away nobody reads; what was published meanwhile was seen afterwards only."""
    entries = reading(
        sight(1, BEFORE, *FIRST),
        (25, ReaderBlind(error="connection refused")),
        (31, ReaderSees(blind_for=timedelta(seconds=6))),
        sight(31, OURS, *SECOND),
    )
    verdict = judge(entries)
    assert verdict.value is VerdictValue.PASSED
    said = (
        "Nobody could read as a consumer for 6.0 s from 00:00:25, in which the run was published (connection refused)."
    )
    assert said in verdict.notes


def test_a_reader_that_never_read_is_inconclusive() -> None:
    """What consumers saw is unknown then."""
    verdict = judge(reading((1, ReaderBlind(error='relation "song" does not exist'))))
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert 'relation "song" does not exist' in verdict.reasons[0]


def test_a_journal_without_a_reader_is_judged_as_it_was() -> None:
    """Journals from before there was one."""
    assert judge(journals.passing()).value is VerdictValue.PASSED
    assert read_consumer(journals.passing(), OURS) is None


def writing(fence_held: bool | None) -> list[JournalEntry]:  # noqa: FBT001  # data
    overlap = WriterOverlap(
        writer="extract_instruments", older=1, newer=2, since=at(20), until=at(22.5), fence_held=fence_held
    )
    return number(sorted([*passing_steps(), (34.0, WritersRead(overlaps=(overlap,)))], key=lambda step: step[0]))


def test_two_writers_whom_the_fence_kept_apart_are_a_note() -> None:
    """They are seen all the same, and for how long."""
    verdict = judge(writing(fence_held=True))
    assert verdict.value is VerdictValue.PASSED
    said = "extract_instruments: tries 1 and 2 wrote at once for 2.5 s from 00:00:20; the fence held."
    assert said in verdict.notes
    (overlap,) = build_report(writing(fence_held=True)).writing.overlaps
    assert (overlap.older, overlap.newer, overlap.fence) == (1, 2, "held")


def test_two_writers_who_both_wrote_fail_the_run() -> None:
    """Even where every row is right this time."""
    verdict = judge(writing(fence_held=False))
    assert verdict.value is VerdictValue.FAILED
    assert "nothing kept the older from writing" in verdict.reasons[0]


def test_two_writers_of_whom_no_fence_tells_are_a_note() -> None:
    """Spark's log does not know who committed."""
    assert judge(writing(fence_held=None)).value is VerdictValue.PASSED
