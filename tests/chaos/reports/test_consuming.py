"""The report's section on consumers and writers, on a page, as Markdown and on a terminal."""

import io
from datetime import timedelta

from rich.console import Console

from include.chaos.consumer_events import ConsumerRead, PublicationStamp, ReaderStarted, RelationSight, WritersRead
from include.chaos.journal import JournalEntry
from include.chaos.rendering.html import render_run
from include.chaos.rendering.markdown import render_run_as_markdown
from include.chaos.report_printing import print_report
from include.chaos.reports.content import build_report
from tests.chaos import journals
from tests.chaos.journals import at, number, passing_steps


def sight(seconds: float, run: str, digest: str) -> journals.Step:
    relation = RelationSight(relation="song", rows=10, digest=digest, is_empty=False)
    stamp = PublicationStamp(dag_run_id=run)
    return seconds, ConsumerRead(seen_at=at(seconds), publication=stamp, relations=(relation,))


def reading() -> list[JournalEntry]:
    """Give a run in which a relation came before its stamp."""
    started = ReaderStarted(relations=("song",), promises_publication=True)
    seen = [sight(1, "manual__1", "old"), sight(29.9, "manual__1", "new"), sight(30, "chaos__run", "new")]
    steps = [*passing_steps(), (0.5, started), *seen, (34.0, WritersRead(tries=3))]
    return number(sorted(steps, key=lambda step: step[0]))


def test_what_was_no_publication_is_there_with_its_moment_however_it_is_shown() -> None:
    """On a page, as Markdown, in JSON and on a terminal."""
    report = build_report(reading())
    (broken,) = report.consuming.broken
    assert (broken.at, broken.lasted) == (at(29.9), timedelta(seconds=0.1))
    what = "song was that of chaos__run"
    terminal = Console(file=io.StringIO(), width=200)
    print_report(report, terminal)
    assert isinstance(terminal.file, io.StringIO)
    shown = (render_run(report), render_run_as_markdown(report), report.model_dump_json(), terminal.file.getvalue())
    assert [what in text.replace("\\_", "_") for text in shown] == [True] * 4


def test_where_nobody_read_nothing_is_claimed() -> None:
    """As in journals from before there was a reader."""
    consuming = build_report(journals.passing()).consuming
    assert not consuming.is_read
    assert "is not known" in consuming.essence
