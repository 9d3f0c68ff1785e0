"""All that a report says of an experiment run, read from its journal. Pure: console, HTML, Markdown and JSON show this.

One place for each fact: whoever shows a run asks here, and computes nothing.
"""

from collections.abc import Iterator, Sequence

from include.chaos.journal import JournalEntry
from include.chaos.model import VerdictValue
from include.chaos.reports.accounting import Accounting, read_accounting
from include.chaos.reports.asked import Asked, Plan, read_asked
from include.chaos.reports.consuming import Consuming, read_consuming
from include.chaos.reports.course import Course, read_course
from include.chaos.reports.judgement import Judgement, read_judgement
from include.chaos.reports.mending import Mending, read_mending
from include.chaos.reports.probing import Probing, read_probing
from include.chaos.reports.provenance import Origin, Provenance, read_provenance
from include.chaos.reports.recovering import Recovering, read_recovering
from include.chaos.reports.section import Part, Section, Text
from include.chaos.reports.writing import Writing, read_writing
from include.chaos.timeline import build_timeline


class Report(Part):
    """A run's report; its sections are in the order of reading, and one that is None is left out."""

    experiment_run_id: Text
    experiment_id: Text
    title: Text
    verdict: Judgement
    mending: Mending
    asked: Asked
    course: Course
    recovering: Recovering
    accounting: Accounting
    consuming: Consuming
    writing: Writing
    probing: Probing
    provenance: Provenance

    @property
    def expected_verdict(self) -> VerdictValue | None:
        """What the experiment's file expects."""
        return self.verdict.expected

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Give each section that there is, with its field's name."""
        for name in type(self).model_fields:
            if isinstance(section := getattr(self, name), Section):
                yield name, section


def build_report(entries: Sequence[JournalEntry], plan: Plan | None = None, origin: Origin | None = None) -> Report:
    """Read a report from a journal; raise `JournalError` when the journal belongs to no run."""
    timeline = build_timeline(entries)
    judgement, course = read_judgement(entries, timeline), read_course(entries, timeline)
    return Report(
        experiment_run_id=timeline.opened.experiment_run_id,
        experiment_id=timeline.opened.experiment_id,
        title=timeline.opened.title,
        verdict=judgement,
        mending=read_mending(judgement),
        asked=read_asked(entries, timeline, plan),
        course=course,
        recovering=read_recovering(entries, timeline),
        accounting=read_accounting(timeline),
        consuming=read_consuming(timeline),
        writing=read_writing(timeline),
        probing=read_probing(entries, timeline, course.faults),
        provenance=read_provenance(entries, timeline, origin or Origin()),
    )
