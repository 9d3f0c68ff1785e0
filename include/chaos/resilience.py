"""A resilience score: the pass rate that the runs can vouch for, of the weakest experiment. Pure.

The score of one experiment is 100 times the lower end of its pass rate's 95 % interval. So it grows with evidence, not
with luck: one pass in one run gives 20, ten in ten give 72, and no number of runs gives 100.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from include.chaos.statistics import ExperimentStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class ResilienceScore:
    """A score from 0 to 99, or None with the experiments that no run has decided; `weakest` is whose score it is."""

    value: int | None
    weakest: str | None
    undecided: tuple[str, ...]


def score_experiment(statistics: ExperimentStatistics) -> int | None:
    """Score one experiment; None when no run of it has passed or failed, for then nothing is known."""
    return floor(100 * statistics.pass_rate.low) if statistics.pass_rate else None


def score_experiments(experiments: Sequence[ExperimentStatistics]) -> ResilienceScore:
    """Score several experiments by the weakest.

    One that is undecided leaves all without a score: else the way to a better one would be to measure less.
    """
    scores = {statistics.experiment_id: score_experiment(statistics) for statistics in experiments}
    decided = {experiment_id: score for experiment_id, score in scores.items() if score is not None}
    undecided = tuple(experiment_id for experiment_id in scores if experiment_id not in decided)
    if undecided or not decided:
        return ResilienceScore(value=None, weakest=None, undecided=undecided)
    weakest = min(decided, key=lambda experiment_id: decided[experiment_id])
    return ResilienceScore(value=decided[weakest], weakest=weakest, undecided=())
