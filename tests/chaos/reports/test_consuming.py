"""What a reader and the records of writers say is in the report; without them nothing is claimed."""

from datetime import timedelta

from include.chaos.consumer_events import ReaderBlind, ReaderCounted, ReaderSees, WriterOverlap, WritersRead
from include.chaos.journal import JournalEntry
from include.chaos.rendering.html import render_run
from include.chaos.rendering.markdown import render_run_as_markdown
from include.chaos.reports.content import Report, build_report
from tests.chaos import journals
from tests.chaos.journals import Step, at
from tests.chaos.rendering.html_reading import read_page
from tests.chaos.test_consumer_reads import BEFORE, FIRST, OURS, SECOND, reading, sight


def _report(*steps: Step, promised: bool = True) -> Report:
    return build_report(reading(*steps, promised=promised))


def test_a_mixture_is_shown_with_its_moment_and_in_the_course() -> None:
    """With how long it could be read at most."""
    mixture = sight(29, BEFORE, SECOND[0], FIRST[1])
    report = _report(sight(1, BEFORE, *FIRST), mixture, sight(30, OURS, *SECOND))
    (broken,) = report.consuming.broken
    assert (broken.at, broken.lasted) == (at(29), timedelta(seconds=1))
    assert "1 time it was no publication" in report.consuming.essence
    assert "broken_read" in [milestone.name for milestone in report.course.milestones]
    page = read_page(render_run(report))
    assert "consumers read no publication" in page.text_of("ul")
    assert broken.what in page.text_of("main")
    assert "song was that of" in render_run_as_markdown(report)


def test_what_nobody_could_read_is_said() -> None:
    """For how long, and whether it hid the publication."""
    blind = ((29.5, ReaderBlind(error="gone")), (31.0, ReaderSees(blind_for=timedelta(seconds=1.5))))
    counted = (35.0, ReaderCounted(reads=700, reading_for=timedelta(seconds=1)))
    report = _report(sight(1, BEFORE, *FIRST), *blind, sight(31, OURS, *SECOND), counted)
    (unseen,) = report.consuming.unseen
    assert unseen.hides_publication
    assert report.consuming.essence.startswith("700 reads saw 2 states")
    assert "For 1.5 s in all" in report.consuming.essence


def test_a_reader_that_never_read_has_measured_nothing() -> None:
    """Nothing broken was seen, for nothing was."""
    assert _report((2.0, ReaderBlind(error="no such login"))).consuming.essence.startswith("Not measured")


def test_a_contract_without_a_publication_is_not_broken() -> None:
    """And not praised either."""
    consuming = _report(sight(1, None, *FIRST), sight(30, None, *SECOND), promised=False).consuming
    assert "promises no publication" in consuming.essence


def _written(fences: tuple[bool | None, ...] = ()) -> list[JournalEntry]:
    overlaps = tuple(
        WriterOverlap(writer=f"w{number}", older=1, newer=2, since=at(20), until=at(21), fence_held=held)
        for number, held in enumerate(fences)
    )
    read = (34.0, WritersRead(overlaps=overlaps, tries=4))
    return journals.number(sorted([*journals.passing_steps(), read], key=lambda step: step[0]))


def test_two_writers_are_counted_and_the_fence_is_told() -> None:
    """Where it did not hold, first of all."""
    writing = build_report(_written((True, False, None))).writing
    assert "3 times two were alive at once. The fence did not hold 1 time." in writing.essence
    assert [overlap.fence for overlap in writing.overlaps] == ["held", "did not hold", "no record tells"]
    assert "did not hold" in render_run_as_markdown(build_report(_written((False,))))


def test_writers_one_after_the_other_are_said_to_be() -> None:
    """By the records, which were read."""
    assert "no two of one writer were alive at once" in build_report(_written()).writing.essence
