"""What a report of several runs says, by experiment: each verdict, how often it passed, how long things took."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from include.chaos.model import Moment, VerdictValue
from include.chaos.reports.content import Report
from include.chaos.reports.section import Part, Text, counted, enumerate_words, say, say_share
from include.chaos.statistics import (
    CONFIDENCE,
    DurationName,
    DurationStatistics,
    ExperimentStatistics,
    Journal,
    Observation,
    PassRate,
    observe_durations,
    summarise_runs,
)


class Observed(Part):
    """A duration in one run; `censored` is watched so long without seeing the end, None is nothing known."""

    took: timedelta | None
    censored: bool

    @property
    def said(self) -> str:
        """The duration for people."""
        if self.took is None:
            return "unknown"
        return f"not by {say(self.took)}" if self.censored else say(self.took)


class RunLine(Part):
    """One run among several; `durations` are in the order of the summary's."""

    experiment_run_id: Text
    opened_at: Moment
    verdict: VerdictValue
    durations: tuple[Observed, ...]
    recovered_by: Text | None


class DurationLine(Part):
    """One duration over runs, with its quantiles in words."""

    label: Text
    p50: Text
    p95: Text
    max: Text
    seen: int
    censored: int
    unknown: int


class Summary(Part):
    """Several runs of one experiment."""

    experiment_id: Text
    essence: Text
    verdicts: dict[VerdictValue, int]
    passed: int
    decided: int
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    rate_said: Text
    notes: tuple[Text, ...]
    durations: tuple[DurationLine, ...]
    runs: tuple[RunLine, ...]

    @property
    def is_timed(self) -> bool:
        """Whether any run says anything about any duration."""
        return any(line.seen or line.censored for line in self.durations)

    @property
    def verdicts_said(self) -> str:
        """The verdicts with their counts."""
        return ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts.items() if count)

    @property
    def durations_essence(self) -> str:
        """What the durations say, in words."""
        seen = [f"{line.label} p50 {line.p50}, max {line.max}" for line in self.durations if line.seen]
        return ("; ".join(seen) or "No duration was seen to its end") + "."


class SetReport(Part):
    """Several runs: a summary of each experiment, and each run's own report."""

    experiments: tuple[Summary, ...]
    runs: tuple[Report, ...]


def build_set_report(runs: Sequence[tuple[Journal, Report]]) -> SetReport:
    """Put runs together by experiment; raise `ConfigurationError` when one is there twice."""
    by_experiment: defaultdict[str, list[tuple[Journal, Report]]] = defaultdict(list)
    for journal, report in sorted(runs, key=lambda run: run[1].provenance.opened_at):
        by_experiment[report.experiment_id].append((journal, report))
    ordered = [run for _, own in sorted(by_experiment.items()) for run in own]
    return SetReport(
        experiments=tuple(_summary(own) for _, own in sorted(by_experiment.items())),
        runs=tuple(report for _, report in ordered),
    )


def _summary(runs: Sequence[tuple[Journal, Report]]) -> Summary:
    statistics = summarise_runs([journal for journal, _ in runs])
    rate = statistics.pass_rate
    return Summary(
        experiment_id=statistics.experiment_id,
        essence=_essence(statistics),
        verdicts=dict(statistics.verdicts),
        passed=rate.passed if rate else 0,
        decided=rate.decided if rate else 0,
        rate=rate.rate if rate else None,
        rate_low=rate.low if rate else None,
        rate_high=rate.high if rate else None,
        rate_said=say_rate(rate) if rate else "none: no run decided anything",
        notes=tuple(notes_on(statistics)),
        durations=tuple(_line(name, found) for name, found in statistics.durations.items()),
        runs=tuple(_run_line(journal, report) for journal, report in runs),
    )


def _run_line(journal: Journal, report: Report) -> RunLine:
    observed: Mapping[DurationName, Observation | None] = observe_durations(journal)
    return RunLine(
        experiment_run_id=report.experiment_run_id,
        opened_at=report.provenance.opened_at,
        verdict=report.verdict.value,
        durations=tuple(_observed(observed[name]) for name in DurationName),
        recovered_by=report.recovering.said_by,
    )


def _observed(seen: Observation | None) -> Observed:
    return Observed(took=seen.duration if seen else None, censored=seen.censored if seen else False)


def _line(name: DurationName, found: DurationStatistics) -> DurationLine:
    return DurationLine(
        label=name.replace("_", " "),
        p50=_say_quantile(found.p50, found),
        p95=_say_quantile(found.p95, found),
        max=_say_quantile(found.max, found),
        seen=found.seen,
        censored=found.censored,
        unknown=found.unknown,
    )


def _say_quantile(value: timedelta | None, found: DurationStatistics) -> str:
    if value is not None:
        return say(value)
    return "not reached" if found.censored else "unknown"


def _essence(statistics: ExperimentStatistics) -> str:
    counts = enumerate_words([f"{count} {verdict}" for verdict, count in statistics.verdicts.items() if count])
    rate = statistics.pass_rate
    said = f"{counted(statistics.runs, 'run')}: {counts}."
    if rate is None:
        return f"{said} No run decided anything, so there is no pass rate."
    return f"{said} Pass rate {say_rate(rate)}."


def say_rate(rate: PassRate) -> str:
    """Write a pass rate with its denominator and interval."""
    interval = f"{CONFIDENCE:.0%} interval {say_share(rate.low)} to {say_share(rate.high)}"
    return f"{say_share(rate.rate)} of {counted(rate.decided, 'decided run')} ({interval})"


def notes_on(statistics: ExperimentStatistics) -> Iterator[str]:
    """Say what makes these runs less than one statement."""
    if statistics.versions > 1:
        yield f"These are runs of {statistics.versions} different files under one id; they may not claim the same."
    if statistics.unclosed:
        yield f"Never closed: {counted(statistics.unclosed, 'run')}, still going on, or the agent never came back."
