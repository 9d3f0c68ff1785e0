"""A verdict is a pure function of the journal, and passes only when every question is answered."""

import pytest

from include.chaos import events as e
from include.chaos.journal import JournalEntry
from include.chaos.model import Measurement, RecoveredBy, RelationAccount, RowOutcome, StrikeOutcome, VerdictValue
from include.chaos.reports.content import Report, build_report
from include.chaos.timeline import build_timeline
from include.chaos.verdict import judge
from include.errors import JournalError
from tests.chaos import journals


def _account(**counts: int) -> RelationAccount:
    outcome = next(iter(counts))
    return RelationAccount(
        relation="filename_instrument",
        expected=10,
        landed=10 - counts.get("lost", 0) - counts.get("corrupted", 0),
        samples={RowOutcome(outcome): ("('a.mid', 5)",)},
        **counts,
    )


def test_a_run_in_which_everything_was_seen_passes() -> None:
    """All conditions of decision 4 hold, so the verdict is `passed` and names the recovery time."""
    verdict = judge(journals.passing())
    assert verdict.value is VerdictValue.PASSED
    assert "5.9 s" in verdict.reasons[0] or "6.0 s" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("entries", "value", "said"),
    [
        (journals.without(e.BaselineMeasured), "inconclusive", "steady state was not measured"),
        (
            journals.replacing(e.BaselineMeasured, e.BaselineMeasured(unhealthy=("answers",))),
            "inconclusive",
            "answers out of tolerance",
        ),
        (journals.without(e.Injected), "not_exercised", "Nothing was struck"),
        (journals.replacing(e.StageObserved, journals.stage("success", 20, 24)), "not_exercised", "was not running"),
        (
            journals.where(lambda t, body: journals.look(ok=True) if isinstance(body, e.ProbeSampled) else body),
            "not_exercised",
            "no probe saw an effect",
        ),
        (journals.without(e.StageObserved), "inconclusive", "overlap with the strike is unknown"),
        (journals.without(e.Recovered), "inconclusive", "undo is not confirmed"),
        (journals.without(e.RowsVerified), "inconclusive", "not compared with the oracle"),
        (
            journals.replacing(e.RowsVerified, e.VerificationFailed(error="the oracle crashed")),
            "inconclusive",
            "the oracle crashed",
        ),
        (journals.replacing(e.DagRunObserved, e.DagRunObserved(state="failed")), "failed", "ended `failed`"),
        (journals.replacing(e.DagRunObserved, e.DagRunObserved(state="running")), "failed", "did not end"),
        (journals.without(e.DagRunObserved), "inconclusive", "never seen"),
        (journals.replacing(e.RowsVerified, journals.rows(_account(lost=1))), "failed", "1 lost"),
        (journals.replacing(e.RowsVerified, journals.rows(_account(duplicated=2))), "failed", "2 duplicated"),
        (journals.replacing(e.RowsVerified, journals.rows(_account(corrupted=1))), "failed", "1 corrupted"),
        (journals.replacing(e.RowsVerified, journals.rows(_account(unexpected=3))), "failed", "3 unexpected"),
        (journals.replacing(e.RowsVerified, journals.rows(lost=1)), "failed", "1 of 5 objects"),
        (journals.replacing(e.RowsVerified, journals.rows(published="older")), "failed", "publication of run older"),
        (journals.fresh_within(seconds=23.5), "failed", "landed 0.5 s late: the contract allows 23.5 s"),
        (journals.fresh_within(seconds=60, started=None), "inconclusive", "in time is unknown"),
        (journals.fresh_within(seconds=60, published=None), "inconclusive", "does not say when it was made"),
    ],
)
def test_what_is_missing_or_wrong_is_never_a_pass(entries: list[JournalEntry], value: str, said: str) -> None:
    """Each spoiled run gets the verdict that fits, and a reason that names what was wrong."""
    verdict = judge(entries)
    assert verdict.value == value
    assert any(said in reason for reason in verdict.reasons), verdict.reasons


def test_a_steady_state_that_never_returns_fails_as_a_censored_observation() -> None:
    """Probes that stay unhealthy to the end leave no `steady_at`; that is a failure, not a gap."""

    def stay_down(t: float, body: e.Event) -> e.Event:
        return journals.look(ok=t < 10) if isinstance(body, e.ProbeSampled) else body

    verdict = judge(journals.where(stay_down))
    assert verdict.value is VerdictValue.FAILED
    assert any("censored" in reason for reason in verdict.reasons)


def test_a_dip_after_recovery_is_not_forgotten() -> None:
    """A probe that breaks again after the steady state had returned fails the run, though it healed."""

    def dip(t: float, body: e.Event) -> e.Event:
        return journals.look(ok=False) if isinstance(body, e.ProbeSampled) and 28 < t < 29 else body

    verdict = judge(journals.where(lambda t, body: dip(t, body) if t > 20 else body))
    assert verdict.value is VerdictValue.FAILED
    assert any("broke again" in reason for reason in verdict.reasons)


def test_a_fault_that_comes_and_goes_is_one_disturbance() -> None:
    """What holds for a while between its attacks is no return: the steady state is back after the last of them."""

    def goes_on(t: float, body: e.Event) -> e.Event:
        match body:
            case e.ProbeSampled() if t > 10:
                return journals.look(ok=not (10 < t < 12 or 14 < t < 15.002))
            case _:
                return body

    entries = journals.where(goes_on)
    verdict = judge(entries)
    assert verdict.value is VerdictValue.PASSED, verdict.reasons
    steady_at = build_timeline(entries).steady_at
    assert steady_at is not None
    assert steady_at.at > journals.at(15)


@pytest.mark.parametrize(
    ("ended", "state", "value"), [(9.997, "restarting", "passed"), (9.997, "success", "not_exercised")]
)
def test_a_stage_that_ended_while_the_strike_came_bore_it_only_if_it_was_hit(
    ended: float, state: str, value: str
) -> None:
    """What clears or stops a task ends it before the injection is confirmed; a stage that succeeded was spared."""
    observed = journals.stage(state, started=6.5, ended=ended)
    verdict = judge(journals.replacing(e.StageObserved, observed))
    assert verdict.value == value, verdict.reasons


def test_a_dip_before_the_strike_makes_the_run_inconclusive() -> None:
    """What follows a steady state that broke by itself cannot be told apart from the fault's doing."""

    def dip(t: float, body: e.Event) -> e.Event:
        return journals.look(ok=False) if isinstance(body, e.ProbeSampled) and 6 < t < 7 else body

    assert judge(journals.where(dip)).value is VerdictValue.INCONCLUSIVE


def test_blindness_right_after_the_injection_is_inconclusive_not_unexercised() -> None:
    """Where no probe could look, nobody can say that there was no effect."""

    def blind(t: float, body: e.Event) -> e.Event | None:
        if isinstance(body, e.ProbeSampled):
            return journals.look(ok=True) if not 10 < t < 20 else None
        return body

    verdict = judge(journals.where(blind))
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert any("blind" in note for note in verdict.notes)


def test_a_manifest_that_nobody_saw_frozen_is_noted_and_no_reason() -> None:
    """What it was then is unknown, which accuses nobody."""
    verdict = judge(journals.without(e.ManifestFrozen))
    assert verdict.value is VerdictValue.PASSED
    assert "Whether the manifest was changed after it had been frozen is unknown: nobody saw it then." in verdict.notes


def test_an_oracle_that_was_never_held_against_an_undisturbed_run_is_noted() -> None:
    """It may be wrong, though it agrees with what has landed this time."""
    verdict = judge(journals.without(e.BaselineRowsVerified))
    assert verdict.value is VerdictValue.PASSED
    assert "The oracle was not held against an undisturbed run before the strike." in verdict.notes


def test_an_undo_by_another_hand_is_noted() -> None:
    """A fault that the restarted agent undid is said so, with the restart."""
    steps = [
        (t, e.Recovered(injection_id="I", by=RecoveredBy.AGENT_RESTARTED) if isinstance(body, e.Recovered) else body)
        for t, body in journals.passing_steps()
    ]
    steps.append((14.9, e.AgentStarted(pid=9)))
    verdict = judge(journals.number(sorted(steps, key=lambda step: step[0])))
    assert verdict.value is VerdictValue.PASSED
    assert any("agent had died" in note for note in verdict.notes)
    assert any("restarted 1 time" in note for note in verdict.notes)


def test_a_missed_strike_says_why() -> None:
    """The reason that the strike recorded is the verdict's reason."""
    ended = e.StrikeEnded(strike="kill", outcome=StrikeOutcome.MISSED, reason="the stage is too short to strike")
    entries = journals.where(
        lambda _t, body: (
            ended
            if isinstance(body, e.StrikeEnded)
            else None
            if isinstance(body, e.Injected | e.InjectionPrepared | e.Recovered)
            else journals.look(ok=True)
            if isinstance(body, e.ProbeSampled)
            else body
        )
    )
    verdict = judge(entries)
    assert verdict.value is VerdictValue.NOT_EXERCISED
    assert "too short" in verdict.reasons[0]


def test_what_came_after_the_verdict_does_not_change_it() -> None:
    """A dip between judging and closing is not in the verdict, so it is not in the verdict computed again."""
    steps = journals.passing_steps()
    verdict = judge(journals.number(steps))
    reached = e.VerdictReached(verdict=verdict.value, reasons=verdict.reasons, judged_until=len(steps))
    again = judge(journals.number([*steps, (50, journals.look(ok=False)), (51, reached)]))
    assert again == verdict


def test_a_journal_of_no_run_is_an_error() -> None:
    """Without `run_opened` there is nothing to judge, and no verdict is made up."""
    entry = JournalEntry(
        seq=1,
        at=journals.START,
        mono=1.0,
        body=e.ProbeSampled(probe="x", measurement=Measurement(value=1, ok=True, latency=0)),
    )
    with pytest.raises(JournalError, match="run_opened"):
        judge([entry])


def test_what_lands_in_time_passes() -> None:
    """Published 24 s after the run's start, and no second more is allowed."""
    assert judge(journals.fresh_within(seconds=24)).value is VerdictValue.PASSED


def _without_objects() -> list[JournalEntry]:
    rows = e.RowsVerified(
        relations=(RelationAccount(relation="sales", expected=10, landed=10),),
        publication_read=False,
        published_dag_run_id=None,
        published_at=None,
    )
    return journals.replacing(e.RowsVerified, rows)


def test_a_pipeline_without_objects_passes_by_its_rows_alone() -> None:
    """No manifest and no publication: nothing is said of objects, and what was not checked is said."""
    verdict = judge(_without_objects())
    assert verdict.value is VerdictValue.PASSED
    assert any("Whose rows consumers read" in note for note in verdict.notes)
    report = build_report(_without_objects())
    assert report.accounting.manifest is None
    assert not report.accounting.publication_read
    assert ("time to land", "not seen") in _times(report)


def test_nothing_published_is_no_pass_where_the_contract_says_what_consumers_read() -> None:
    """An empty publication and one that nobody could look at are two things; an old journal is of the first kind."""
    line = '{"event": "rows_verified", "relations": [], "manifest": {"objects": 1, "landed": 1, "quarantined": 0, '
    old = e.RowsVerified.model_validate_json(line + '"lost": 0}, "published_dag_run_id": null, "published_at": null}')
    assert any("publication of run None" in r for r in judge(journals.replacing(e.RowsVerified, old)).reasons)


@pytest.mark.parametrize(("limit", "said"), [(23.5, ("late by", "0.5 s")), (60, ("fresh by", "36.0 s"))])
def test_the_report_says_how_late_or_how_fresh(limit: float, said: tuple[str, str]) -> None:
    """Against the limit, in the times."""
    assert said in _times(build_report(journals.fresh_within(seconds=limit)))


def _times(report: Report) -> list[tuple[str, str]]:
    return [(time.label, time.said) for time in report.recovering.times]
