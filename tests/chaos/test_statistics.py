"""Several runs of one experiment: pass rate with its interval, and durations with censored runs kept."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from math import ceil, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.chaos import events as e
from include.chaos.journal import JournalEntry
from include.chaos.model import RelationAccount, StrikeOutcome, VerdictValue
from include.chaos.resilience import ResilienceScore, score_experiment, score_experiments
from include.chaos.statistics import (
    DurationName,
    DurationStatistics,
    ExperimentStatistics,
    Observation,
    estimate_pass_rate,
    observe_durations,
    quantile,
    summarise_duration,
    summarise_runs,
)
from include.errors import ConfigurationError
from tests.chaos import journals

Change = Callable[[float, e.Event], e.Event | None]


def _seen(*seconds: float) -> list[Observation]:
    return [Observation(duration=timedelta(seconds=count), censored=False) for count in seconds]


def _cut(*seconds: float) -> list[Observation]:
    return [Observation(duration=timedelta(seconds=count), censored=True) for count in seconds]


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()


def _run(number: int, change: Change = lambda _t, body: body, **opened: str) -> list[JournalEntry]:
    """Give the passing run under another name, with each event changed."""

    def renamed(t: float, body: e.Event) -> e.Event | None:
        if isinstance(body, e.RunOpened):
            return body.model_copy(update={"experiment_run_id": f"run{number}", **opened})
        return change(t, body)

    return journals.where(renamed)


def _stay_down(t: float, body: e.Event) -> e.Event:
    return journals.look(ok=t < 10) if isinstance(body, e.ProbeSampled) else body


def _lose_a_row(_t: float, body: e.Event) -> e.Event:
    lossy = RelationAccount(relation="filename_instrument", expected=10, landed=9, lost=1)
    return journals.rows(lossy) if isinstance(body, e.RowsVerified) else body


def _never_struck(_t: float, body: e.Event) -> e.Event | None:
    if isinstance(body, e.StrikeEnded):
        return e.StrikeEnded(strike="kill", outcome=StrikeOutcome.MISSED, reason="the stage is too short")
    if isinstance(body, e.ProbeSampled):
        return journals.look(ok=True)
    return None if isinstance(body, e.InjectionPrepared | e.Injected | e.Recovered) else body


def _rows_unknown(_t: float, body: e.Event) -> e.Event | None:
    return e.VerificationFailed(error="no oracle") if isinstance(body, e.RowsVerified) else body


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60), st.sampled_from([0.05, 0.5, 0.9, 0.95, 1.0]))
def test_without_censored_runs_a_quantile_is_an_observation_of_that_rank(milliseconds: list[int], share: float) -> None:
    """The estimator agrees with sorting and counting when every run was seen to its end."""
    expected = sorted(milliseconds)[ceil(round(share * len(milliseconds), 9)) - 1] / 1000
    assert _seconds(quantile(_seen(*(m / 1000 for m in milliseconds)), share)) == pytest.approx(expected)


@given(
    st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=40), st.sampled_from([0.25, 0.5, 0.95])
)
def test_a_quantile_is_where_the_product_of_survivals_falls_far_enough(
    lives: list[tuple[int, bool]], share: float
) -> None:
    """The estimator agrees with Kaplan and Meier's product, multiplied out naively."""
    survival, expected = 1.0, None
    for moment in sorted({seconds for seconds, _ in lives}):
        at_risk = sum(seconds >= moment for seconds, _ in lives)
        ended = sum(seconds == moment and not censored for seconds, censored in lives)
        survival *= 1 - ended / at_risk
        if expected is None and 1 - survival >= share - 1e-9:
            expected = moment
    observations = [Observation(duration=timedelta(seconds=s), censored=censored) for s, censored in lives]
    assert _seconds(quantile(observations, share)) == expected


def test_the_textbook_example_has_its_published_median() -> None:
    """The 6-MP arm of Freireich et al. (Blood 21, 1963) has the median remission of 23 weeks.

    So in Kleinbaum and Klein, Survival Analysis: A Self-Learning Text, chapter 2, whose curve ends at 0.448; also in
    Cox, Regression Models and Life-Tables (1972). Later quantiles are not reached. 7 weeks is where it falls to 0.807.
    """
    remissions = _seen(6, 6, 6, 7, 10, 13, 16, 22, 23) + _cut(6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
    assert _seconds(quantile(remissions, 0.5)) == 23
    assert _seconds(quantile(remissions, 1 - 0.807)) == 7
    assert quantile(remissions, 0.56) is None
    statistics = summarise_duration([*remissions, None])
    assert statistics == DurationStatistics(
        seen=9,
        censored=12,
        unknown=1,
        p50=timedelta(seconds=23),
        p95=None,
        max=None,
        longest_watch=timedelta(seconds=35),
    )


def test_runs_that_never_ended_are_not_reached_rather_than_left_out() -> None:
    """With every run censored, or with none at all, no quantile is made up."""
    for observations in ([], _cut(5, 9)):
        statistics = summarise_duration(observations)
        assert (statistics.p50, statistics.p95, statistics.max) == (None, None, None)


def test_one_censored_run_beyond_the_rest_hides_the_maximum_only() -> None:
    """The median of nine quick runs stands, but the greatest duration is unknown while one run had no end."""
    statistics = summarise_duration(_seen(*range(1, 10)) + _cut(60))
    assert (_seconds(statistics.p50), statistics.max) == (5, None)


def test_the_pass_rate_has_wilsons_interval() -> None:
    """8 of 10 gives what Wilson's formula gives, computed here from its closed form."""
    z, n, p = 1.959963984540054, 10, 0.8
    centre, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    rate = estimate_pass_rate({VerdictValue.PASSED: 8, VerdictValue.FAILED: 2})
    assert rate is not None
    assert (rate.passed, rate.decided, rate.rate) == (8, 10, 0.8)
    assert rate.low == pytest.approx((centre - half) / (1 + z * z / n))
    assert rate.high == pytest.approx((centre + half) / (1 + z * z / n))


def test_undecided_runs_are_counted_but_never_in_the_denominator() -> None:
    """Five runs with four kinds of verdict give a pass rate of one in two, and each verdict's count."""
    runs = [
        _run(1),
        _run(2, _lose_a_row),
        _run(3, _never_struck),
        _run(4, _rows_unknown),
        _run(5, _rows_unknown),
    ]
    statistics = summarise_runs(runs)
    assert statistics.verdicts == {"passed": 1, "failed": 1, "not_exercised": 1, "inconclusive": 2}
    assert statistics.pass_rate is not None
    assert (statistics.pass_rate.passed, statistics.pass_rate.decided, statistics.runs) == (1, 2, 5)


def test_a_run_that_never_recovered_is_watched_to_its_last_entry() -> None:
    """No steady state after an effect at 10.1 s is censored at the journal's end; the other durations stand."""
    observed = observe_durations(_run(1, _stay_down))
    effect, recovery = observed[DurationName.TIME_TO_EFFECT], observed[DurationName.TIME_TO_RECOVER]
    assert effect is not None
    assert recovery is not None
    assert not effect.censored
    assert recovery.censored
    end = _run(1, _stay_down)[-1].at
    assert recovery.duration.total_seconds() == pytest.approx((end - journals.at(10.1)).total_seconds())


def test_watching_ends_where_the_verdict_was_reached() -> None:
    """What was written after the verdict does not lengthen a censored observation."""
    entries = _run(1, _stay_down)
    reached = e.VerdictReached(verdict=VerdictValue.FAILED, reasons=("down",), judged_until=len(entries))
    later = JournalEntry(seq=len(entries) + 1, at=journals.at(900), mono=1900, body=reached)
    assert observe_durations([*entries, later]) == observe_durations(entries)


def test_a_duration_that_nobody_looked_for_is_unknown_not_censored() -> None:
    """Without a strike nothing began; without a comparison of the rows nobody looked whether they had landed."""
    assert set(observe_durations(_run(1, _never_struck)).values()) == {None}
    assert observe_durations(_run(1, _rows_unknown))[DurationName.TIME_TO_LAND] is None


def test_what_another_run_published_is_not_this_runs_landing() -> None:
    """Intact rows of an older publication leave the run's own landing unseen to the end."""

    def older(_t: float, body: e.Event) -> e.Event:
        return journals.rows(published="older") if isinstance(body, e.RowsVerified) else body

    landing = observe_durations(_run(1, older))[DurationName.TIME_TO_LAND]
    assert landing is not None
    assert landing.censored


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([], "at least one run"),
        ([_run(1), _run(2, experiment_id="other")], "other, warehouse_killed"),
        ([_run(1), _run(1)], "run1 is there more than once"),
    ],
)
def test_runs_that_do_not_belong_together_are_refused(runs: Sequence[list[JournalEntry]], said: str) -> None:
    """Nothing, two experiments, or one run twice make no statistics."""
    with pytest.raises(ConfigurationError, match=said):
        summarise_runs(runs)


def test_runs_of_a_changed_file_and_open_runs_are_told() -> None:
    """Two contents under one id are two versions; a journal without an end is counted as such."""
    closed = [*_run(1), JournalEntry(seq=99, at=journals.at(99), mono=1099, body=e.RunClosed())]
    statistics = summarise_runs([closed, _run(2, experiment="changed")])
    assert (statistics.versions, statistics.unclosed) == (2, 1)


def test_asking_for_more_runs_changes_no_claim() -> None:
    """The runs of a file before and after its `repeat` was raised are of one version."""
    files = ("title: t\nrepeat: 5\n", "title: t\nrepeat: 20\n", "title: t\n")
    runs = [_run(number, experiment=file) for number, file in enumerate(files)]
    assert summarise_runs(runs).versions == 1
    assert summarise_runs([*runs, _run(9, experiment="title: u\nrepeat: 5\n")]).versions == 2


def _statistics(experiment_id: str, passed: int, failed: int) -> ExperimentStatistics:
    verdicts = {VerdictValue.PASSED: passed, VerdictValue.FAILED: failed}
    return ExperimentStatistics(
        experiment_id=experiment_id,
        runs=passed + failed,
        versions=1,
        unclosed=0,
        verdicts=verdicts,
        pass_rate=estimate_pass_rate(verdicts),
        durations={},
    )


def test_a_score_grows_with_evidence_and_never_reaches_100() -> None:
    """Passes alone give 20 after one run, 72 after ten, 99 after a thousand; nothing decided gives none."""
    scores = [score_experiment(_statistics("a", runs, 0)) for runs in (0, 1, 10, 1000)]
    assert scores == [None, 20, 72, 99]


def test_the_weakest_experiment_gives_the_score_and_an_undecided_one_takes_it_away() -> None:
    """Several experiments score as the worst of them, and measuring less never helps."""
    strong, weak, unknown = _statistics("a", 10, 0), _statistics("b", 5, 5), _statistics("c", 0, 0)
    assert score_experiments([strong, weak]) == ResilienceScore(value=23, weakest="b", undecided=())
    assert score_experiments([strong, unknown]) == ResilienceScore(value=None, weakest=None, undecided=("c",))
    assert score_experiments([]).value is None
