"""A report says what its journal shows, and of nothing else that it was so."""

from datetime import timedelta
from itertools import pairwise

import pytest

from include.chaos import events as e
from include.chaos.journal import JournalEntry, parse_journal
from include.chaos.model import VerdictValue
from include.chaos.reports.content import Report, build_report
from include.chaos.reports.course import Health
from include.chaos.reports.probing import Period
from include.chaos.reports.provenance import Origin
from include.chaos.reports.section import Section
from include.errors import JournalError
from tests.chaos import journals
from tests.chaos.journals import Step


def _opened_only() -> list[JournalEntry]:
    return journals.number([(0, journals.opened())])


def _never_struck() -> list[JournalEntry]:
    acts = (e.InjectionPrepared, e.Injected, e.HoldStarted, e.RecoveryStarted, e.Recovered, e.StrikeEnded)
    return journals.without(*acts)


def test_a_run_as_it_should_be_is_told_in_all_sections() -> None:
    """Each section is there, and none says that it was not measured."""
    report = build_report(journals.passing())
    assert report.verdict.value is VerdictValue.PASSED
    assert [fault.strike for fault in report.course.faults] == ["kill"]
    assert report.accounting.manifest is not None
    assert report.recovering.times[2].took == pytest.approx(timedelta(seconds=6), abs=timedelta(seconds=0.2))
    assert [name for name, _ in report.sections()] == [
        "verdict",
        "mending",
        "asked",
        "course",
        "recovering",
        "accounting",
        "consuming",
        "writing",
        "probing",
        "provenance",
    ]


def test_sections_are_all_fields_that_are_one() -> None:
    """A section that is added as a field is shown without another word."""
    declared = [name for name, field in Report.model_fields.items() if issubclass(_class_of(field.annotation), Section)]
    assert [name for name, _ in build_report(journals.passing()).sections()] == declared


def _class_of(annotation: object) -> type:
    return annotation if isinstance(annotation, type) else object


def test_no_section_lies_when_its_data_are_missing() -> None:
    """Of a run that was only opened nothing is known, and every section says so."""
    report = build_report(_opened_only())
    assert report.verdict.value is VerdictValue.INCONCLUSIVE
    assert "No stage was seen to run. No fault was ever in force. answers gave no look." in report.course.essence
    assert report.course.unseen_probes == ("answers",)
    assert {time.said for time in report.recovering.times} == {"not seen"}
    assert report.recovering.essence.startswith("Not measured")
    assert report.recovering.total is None
    assert report.accounting.essence.startswith("Not measured")
    assert report.accounting.relations == ()
    assert {period.share_healthy for period in report.probing.probes[0].periods} == {None}
    assert report.consuming.essence.startswith("Not measured")
    assert report.writing.essence.startswith("Not measured")
    assert report.asked.strikes[0].struck == ()
    assert report.asked.claim is None


def test_a_run_that_never_struck_has_no_fault_and_no_time_during_one() -> None:
    """All looks are before a fault that never came."""
    report = build_report(_never_struck())
    assert report.verdict.value is VerdictValue.NOT_EXERCISED
    assert report.course.faults == ()
    looks = {period.period: period.looks for period in report.probing.probes[0].periods}
    assert looks[Period.BEFORE] == 72
    assert looks[Period.DURING] == looks[Period.RECOVERING] == looks[Period.AFTER] == 0


def test_a_run_that_was_never_verified_has_no_row_accounting() -> None:
    """Why is said, where it was recorded."""
    report = build_report(journals.replacing(e.RowsVerified, e.VerificationFailed(error="the oracle died")))
    assert report.accounting.why_not == "the oracle died"
    assert report.accounting.manifest is None
    assert "the rows could not be compared: the oracle died" in [one.what for one in report.course.milestones]


def test_a_run_that_is_still_open_is_said_to_be() -> None:
    """What to do next begins with reading it again."""
    report = build_report(journals.passing())
    assert not report.verdict.is_closed
    assert report.mending.closing.startswith("The experiment run was never closed")


def test_a_torn_last_line_is_left_out_and_said() -> None:
    """The report is of what was whole."""
    text = "".join(entry.to_line() for entry in journals.passing())
    reading = parse_journal(text[:-20], source="torn")
    report = build_report(reading.entries, origin=Origin(torn_bytes=reading.torn_bytes))
    assert report.provenance.entries == len(journals.passing()) - 1
    assert report.provenance.torn_bytes > 0


def test_a_journal_that_belongs_to_no_run_has_no_report() -> None:
    """There is nobody to speak of."""
    with pytest.raises(JournalError):
        build_report([])


def test_a_fault_whose_undo_is_not_confirmed_lasts_in_the_report() -> None:
    """It has no end, and everything after it happened during it."""
    report = build_report(journals.without(e.Recovered, e.RecoveryStarted))
    assert report.course.faults[0].ends is None
    assert "is not confirmed to be undone" in report.course.essence
    looks = {period.period: period.looks for period in report.probing.probes[0].periods}
    assert looks[Period.AFTER] == 0


def test_a_published_verdict_that_cannot_be_reached_again_is_said() -> None:
    """A judge that has changed since, or a journal that was edited, is no secret."""
    steps = journals.passing_steps()
    reached = e.VerdictReached(verdict=VerdictValue.FAILED, reasons=("once",), judged_until=len(steps))
    report = build_report(journals.number([*steps, (40, reached), (41, e.RunClosed())]))
    assert report.verdict.differs
    assert report.verdict.is_closed
    assert report.verdict.published is VerdictValue.FAILED


def test_several_faults_each_have_their_window() -> None:
    """The second begins when it was injected, not when the first was."""
    second = journals.opened().strikes[0].model_copy(update={"name": "second"})
    own = {"injection_id": "J", "strike": "second"}
    steps: list[Step] = []
    for t, body in journals.passing_steps():
        if isinstance(body, e.RunOpened):
            steps.append((t, body.model_copy(update={"strikes": (*body.strikes, second)})))
            continue
        steps.append((t, body))
        if isinstance(body, e.InjectionPrepared | e.Injected | e.RecoveryStarted | e.Recovered):
            changed = {name: value for name, value in own.items() if name in type(body).model_fields}
            steps.append((t + 10, body.model_copy(update=changed)))
    report = build_report(journals.number(sorted(steps, key=lambda step: step[0])))
    assert [(fault.strike, fault.begins) for fault in report.course.faults] == [
        ("kill", journals.at(10)),
        ("second", journals.at(20)),
    ]
    assert any(time.label == "second: held for" for time in report.recovering.times)


def test_a_probe_that_did_not_look_was_blind_not_healthy() -> None:
    """A gap in the looks is a stretch of its own."""

    def change(t: float, body: e.Event) -> e.Event | None:
        return None if isinstance(body, e.ProbeSampled) and 20 < t < 30 else body

    health = build_report(journals.where(change)).course.health
    assert [span.health for span in health] == [
        Health.HEALTHY,
        Health.OUT_OF_TOLERANCE,
        Health.HEALTHY,
        Health.BLIND,
        Health.HEALTHY,
    ]
    assert health[3].lasted > timedelta(seconds=9)
    assert health[3].looks == 0


def test_stretches_of_health_follow_each_other_without_a_gap() -> None:
    """Where one ends the next begins, and all looks are counted once."""
    health = build_report(journals.passing()).course.health
    assert all(before.ends == after.begins for before, after in pairwise(health))
    assert sum(span.looks for span in health) == 72


def test_what_another_run_published_is_not_this_one_s_landing() -> None:
    """However right it is: there is no moment of landing, and no time to it."""
    report = build_report(journals.replacing(e.RowsVerified, journals.rows(published="older")))
    assert "landed" not in [milestone.name for milestone in report.course.milestones]
    assert {time.label: time.said for time in report.recovering.times}["time to land"] == "not seen"


def test_a_secret_among_the_parameters_is_not_shown() -> None:
    """A report is passed around."""
    started = e.PipelineStarted(dag_run_id="chaos__run", conf={"prefix": "a/", "db_password": "hunter2"})
    report = build_report(journals.replacing(e.PipelineStarted, started))
    assert dict(report.asked.parameters) == {"prefix": "a/", "db_password": "(hidden)"}
    assert "hunter2" not in report.model_dump_json()
