"""What several runs of one experiment say together: how often it passed, and how long things took.

A run that was watched to its end without seeing the end of a duration is a right-censored observation. It is kept, by
the estimator of Kaplan and Meier (1958); without it, the runs that never recovered would make recovery look quick.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from include.chaos.entries import bodies, last
from include.chaos.events import RunClosed, VerdictReached
from include.chaos.journal import JournalEntry
from include.chaos.model import VerdictValue
from include.chaos.steadiness import Instant
from include.chaos.timeline import Timeline, build_timeline
from include.chaos.verdict import judge
from include.errors import ConfigurationError

CONFIDENCE = 0.95
"""The interval of a pass rate covers the true rate in this share of campaigns."""

_ROUNDING = 1e-9
"""What a product of survival probabilities may be off by."""

Journal = Sequence[JournalEntry]


class DurationName(StrEnum):
    """The durations that a run can show; see `timeline`."""

    TIME_TO_EFFECT = "time_to_effect"
    TIME_TO_DETECT = "time_to_detect"
    TIME_TO_RECOVER = "time_to_recover"
    TIME_TO_LAND = "time_to_land"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRate:
    """The share of decided runs that passed, with its Wilson interval."""

    passed: int
    decided: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """How long something took or, when `censored`, how long it was watched without happening."""

    duration: timedelta
    censored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationStatistics:
    """Quantiles of a duration over runs; None is "not reached": too many runs ended before it happened.

    `unknown` counts the runs that say nothing about it, as its beginning was not seen or nobody looked for its end.
    """

    seen: int
    censored: int
    unknown: int
    p50: timedelta | None
    p95: timedelta | None
    max: timedelta | None
    longest_watch: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentStatistics:
    """Several runs of one experiment; `versions` counts the different files under its id, `unclosed` the open runs."""

    experiment_id: str
    runs: int
    versions: int
    unclosed: int
    verdicts: Mapping[VerdictValue, int]
    pass_rate: PassRate | None
    durations: Mapping[DurationName, DurationStatistics]


def summarise_runs(journals: Sequence[Journal]) -> ExperimentStatistics:
    """Summarise runs of one experiment, each given by its journal's entries.

    Raises `ConfigurationError` when there are none, when they are of several experiments or one is there twice, and
    `JournalError` when a journal belongs to no run.
    """
    timelines = [build_timeline(journal) for journal in journals]
    _require_runs_of_one_experiment(timelines)
    verdicts = Counter(judge(journal).value for journal in journals)
    observations = [observe_durations(journal) for journal in journals]
    return ExperimentStatistics(
        experiment_id=timelines[0].opened.experiment_id,
        runs=len(journals),
        versions=len({_without_repeat(timeline.opened.experiment) for timeline in timelines}),
        unclosed=sum(not bodies(journal, RunClosed) for journal in journals),
        verdicts={value: verdicts[value] for value in VerdictValue},
        pass_rate=estimate_pass_rate(verdicts),
        durations={name: summarise_duration([seen[name] for seen in observations]) for name in DurationName},
    )


def _require_runs_of_one_experiment(timelines: Sequence[Timeline]) -> None:
    if not timelines:
        raise ConfigurationError("no journals: expected at least one run to summarise")
    experiments = sorted({timeline.opened.experiment_id for timeline in timelines})
    if len(experiments) > 1:
        raise ConfigurationError(f"expected journals of one experiment, got those of {', '.join(experiments)}")
    runs = Counter(timeline.opened.experiment_run_id for timeline in timelines)
    if doubles := [run_id for run_id, count in runs.items() if count > 1]:
        raise ConfigurationError(f"run {', '.join(doubles)} is there more than once; a run counts once")


def _without_repeat(experiment: str) -> str:
    """Leave out how often a file asks to be run, which is no part of what it claims."""
    return re.sub(r"^repeat: \d+\n", "", experiment, flags=re.MULTILINE)


def estimate_pass_rate(verdicts: Mapping[VerdictValue, int]) -> PassRate | None:
    """Estimate how often the claim holds from the runs that decided it; None where none did.

    `not_exercised` and `inconclusive` are no evidence for or against the claim, so the denominator leaves them out.
    The interval is E. B. Wilson's (1927), which stays honest for few runs and for rates of 0 and 1.
    """
    from scipy.stats import binomtest  # takes a second to import, which the command line's other parts need not wait

    passed = verdicts.get(VerdictValue.PASSED, 0)
    decided = passed + verdicts.get(VerdictValue.FAILED, 0)
    if decided == 0:
        return None
    interval = binomtest(passed, decided).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return PassRate(
        passed=passed, decided=decided, rate=passed / decided, low=float(interval.low), high=float(interval.high)
    )


def observe_durations(journal: Journal) -> dict[DurationName, Observation | None]:
    """Read a run's durations; None where the run says nothing, which is not the same as censored.

    Watching ends with the last entry that the verdict rests on. Landing is looked for only by comparing the rows, and
    what another run published is not this one's.
    """
    timeline = build_timeline(journal)
    until = _watched_until(journal)
    rows = timeline.rows
    landed = timeline.time_to_land if rows and rows.published_dag_run_id == timeline.opened.dag_run_id else None
    return {
        DurationName.TIME_TO_EFFECT: _observe(timeline.time_to_effect, timeline.injected_at, until),
        DurationName.TIME_TO_DETECT: _observe(timeline.time_to_detect, timeline.injected_at, until),
        DurationName.TIME_TO_RECOVER: _observe(timeline.time_to_recover, timeline.effect_at, until),
        DurationName.TIME_TO_LAND: _observe(
            landed, timeline.injected_at if rows and rows.publication_read else None, until
        ),
    }


def _watched_until(journal: Journal) -> Instant:
    published = last(journal, VerdictReached)
    return Instant.of(journal[published.judged_until - 1 if published else -1])


def _observe(duration: timedelta | None, began: Instant | None, until: Instant) -> Observation | None:
    if began is None:
        return None
    if duration is None:
        return Observation(duration=began.until(until), censored=True)
    return Observation(duration=duration, censored=False)


def summarise_duration(observations: Sequence[Observation | None]) -> DurationStatistics:
    """Give the quantiles of one duration over runs."""
    told = [observation for observation in observations if observation]
    return DurationStatistics(
        seen=sum(not observation.censored for observation in told),
        censored=sum(observation.censored for observation in told),
        unknown=len(observations) - len(told),
        p50=quantile(told, 0.5),
        p95=quantile(told, 0.95),
        max=quantile(told, 1.0),
        longest_watch=max((observation.duration for observation in told), default=None),
    )


def quantile(observations: Sequence[Observation], share: float) -> timedelta | None:
    """Give the least duration within which that share of runs has it behind them; None when that is not reached.

    The curve is Kaplan and Meier's. Without censored runs it is the usual empirical distribution, so the result is
    the observation of rank `ceil(share * n)`.
    """
    from scipy.stats import CensoredData, ecdf  # as above

    if not observations:
        return None
    seconds = [observation.duration.total_seconds() for observation in observations]
    curve = ecdf(CensoredData.right_censored(seconds, [observation.censored for observation in observations])).cdf
    for duration, reached in zip(curve.quantiles, curve.probabilities, strict=True):
        if reached >= share - _ROUNDING:
            return timedelta(seconds=float(duration))
    return None
