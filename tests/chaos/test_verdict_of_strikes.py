"""Several strikes, moments between stages, aborts and expectations, judged from journals made by hand."""

import pytest

from include.chaos import events as e
from include.chaos.journal import JournalEntry
from include.chaos.model import (
    AbortCause,
    RecoveredBy,
    RelationAccount,
    RowOutcome,
    StrikeOutcome,
    StrikePoint,
    Verdict,
    VerdictValue,
)
from include.chaos.reports.content import build_report
from include.chaos.timeline import build_timeline
from include.chaos.verdict import judge
from tests.chaos import journals
from tests.chaos.journals import Step, at


def _second_strike(begins: float, *, down: tuple[float, float] | None) -> list[JournalEntry]:
    """Give the passing run with a second strike; `down` is when the probe is out of tolerance because of it."""
    steps = [(t, _with_second(t, body, down)) for t, body in journals.passing_steps()]
    own: list[Step] = []
    for t, body in journals.passing_steps():
        match body:
            case e.InjectionPrepared() | e.Injected() | e.HoldStarted() | e.RecoveryStarted() | e.Recovered():
                own.append((begins + t - 10, _renamed(body)))
            case e.StrikeEnded():
                own.append((begins + t - 10, body.model_copy(update={"strike": "second"})))
            case _:
                pass
    return journals.number(sorted([*steps, *own], key=lambda step: step[0]))


def _renamed(body: e.Event) -> e.Event:
    own = {"strike": "second", "injection_id": "J"}
    return body.model_copy(update={name: value for name, value in own.items() if name in type(body).model_fields})


def _with_second(t: float, body: e.Event, down: tuple[float, float] | None) -> e.Event:
    if isinstance(body, e.RunOpened):
        second = body.strikes[0].model_copy(update={"name": "second"})
        return body.model_copy(update={"strikes": (*body.strikes, second)})
    if isinstance(body, e.ProbeSampled) and down and down[0] < t < down[1]:
        return journals.look(ok=False)
    return body


def test_two_strikes_that_were_both_seen_and_survived_pass() -> None:
    """The steady state counts after the last of them, and each has its own times."""
    entries = _second_strike(18, down=(18, 22))
    verdict = judge(entries)
    assert verdict.value is VerdictValue.PASSED, verdict.reasons
    timeline = build_timeline(entries)
    first, second = timeline.strikes
    assert timeline.steady_at == second.steady_at
    assert first.steady_at is not None
    assert second.effect is not None
    assert first.steady_at.at < second.effect.instant.at
    assert "second: time to recover" in {time.label for time in build_report(entries).recovering.times}


def test_a_second_strike_without_an_effect_is_not_carried_by_the_first() -> None:
    """The effect of one strike is not evidence for the other; the reason names which."""
    verdict = judge(_second_strike(18, down=None))
    assert verdict.value is VerdictValue.NOT_EXERCISED
    assert verdict.reasons == ("Strike second: The fault was injected, but no probe saw an effect.",)


def test_an_effect_that_began_before_the_strike_is_not_its_own() -> None:
    """A second strike into an outage that lasts cannot be told apart from it."""
    verdict = judge(_second_strike(12, down=None))
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert any("answers was out of tolerance before the strike began" in reason for reason in verdict.reasons)


def test_what_breaks_long_after_the_undo_is_not_the_strike_s_effect() -> None:
    """A strike that did nothing does not take the credit for a dip by itself, half a minute later."""

    def late(t: float, body: e.Event) -> e.Event:
        return journals.look(ok=not 30 < t < 31) if isinstance(body, e.ProbeSampled) else body

    assert judge(journals.where(late)).value is VerdictValue.NOT_EXERCISED


def _struck_at_end(*later: Step) -> Verdict:
    """Judge a run struck at the end of its stage, which had ended at 9.5 s."""
    strike = journals.opened().strikes[0]
    between = strike.model_copy(update={"strike_point": StrikePoint.model_validate({"stage": "extract", "at": "end"})})
    opened = journals.opened().model_copy(update={"strikes": (between,)})
    steps: list[Step] = []
    for t, body in journals.passing_steps():
        match body:
            case e.RunOpened():
                steps.append((t, opened))
            case e.StageObserved(stage="extract", state="success"):
                steps.append((9.8, journals.stage("success", started=6.5, ended=9.5)))
            case _:
                steps.append((t, body))
    return judge(journals.number(sorted([*steps, *later], key=lambda step: step[0])))


def _score(started: float) -> Step:
    return 20, e.StageObserved(stage="score", state="running", try_number=1, start_date=at(started))


def test_a_strike_between_two_stages_passes_when_it_came_between() -> None:
    """After the one's success and before the other's start."""
    assert _struck_at_end(_score(16)).value is VerdictValue.PASSED


def test_a_strike_between_two_stages_that_came_too_late_is_not_exercised() -> None:
    """By Airflow's own times the next stage had begun."""
    verdict = _struck_at_end(_score(9.9))
    assert verdict.value is VerdictValue.NOT_EXERCISED
    assert "score had begun already" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("cause", "value"),
    [
        (AbortCause.OUT_OF_TOLERANCE, VerdictValue.FAILED),
        (AbortCause.BLIND, VerdictValue.INCONCLUSIVE),
        (AbortCause.AFTER, VerdictValue.INCONCLUSIVE),
    ],
)
def test_an_abort_fails_the_run_only_where_the_pipeline_was_seen_to_suffer(
    cause: AbortCause, value: VerdictValue
) -> None:
    """A probe out of tolerance for longer than the experiment bears is a finding; blindness and overtime are not."""
    aborted: Step = (12.0, e.ExperimentAborted(cause=cause, reason="answers was out of tolerance for 2.0 s"))
    undone = {e.RecoveryStarted: 12.1, e.Recovered: 12.2}
    steps = [
        (undone.get(type(b), t), b.model_copy(update={"by": RecoveredBy.ABORTED}) if type(b) in undone else b)
        for t, b in journals.passing_steps()
    ]
    verdict = judge(journals.number(sorted([*steps, aborted], key=lambda step: step[0])))
    assert verdict.value is value
    assert any("was aborted" in reason for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("expected", "said"), [("passed", "expects `passed`, as expected"), ("failed", "which is not what was found")]
)
def test_an_expected_verdict_is_shown_and_decides_nothing(expected: str, said: str) -> None:
    """A pipeline known to be bad that passes is said, and still passes."""
    opened = journals.opened().model_copy(update={"expected_verdict": VerdictValue(expected)})
    entries = journals.replacing(e.RunOpened, opened)
    assert judge(entries).value is VerdictValue.PASSED
    assert any(said in note for note in judge(entries).notes)
    assert build_report(entries).expected_verdict == expected


def test_rows_lost_in_a_run_that_was_not_exercised_are_not_hidden() -> None:
    """The claim was not put to the test; that something is lost is said all the same."""
    lost = RelationAccount(
        relation="filename_instrument", expected=10, landed=9, lost=1, samples={RowOutcome.LOST: ("('a.mid', 5)",)}
    )
    ended = e.StrikeEnded(strike="kill", outcome=StrikeOutcome.MISSED, reason="too short")

    def spoil(_t: float, body: e.Event) -> e.Event | None:
        match body:
            case e.StrikeEnded():
                return ended
            case e.RowsVerified():
                return journals.rows(lost)
            case e.InjectionPrepared() | e.Injected() | e.HoldStarted() | e.RecoveryStarted() | e.Recovered():
                return None
            case e.ProbeSampled():
                return journals.look(ok=True)
            case _:
                return body

    verdict = judge(journals.where(spoil))
    assert verdict.value is VerdictValue.NOT_EXERCISED
    assert any(note.startswith("Besides: filename_instrument: 1 lost") for note in verdict.notes)


def test_a_journal_from_before_holds_were_recorded_is_still_judged() -> None:
    """Older journals have neither `hold_started` nor `recovery_started`; their verdicts stand."""
    assert judge(journals.without(e.HoldStarted, e.RecoveryStarted)).value is VerdictValue.PASSED
