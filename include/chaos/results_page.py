"""What runs of many experiments found, as a table in Markdown: a line for each experiment and way of landing."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from include.chaos.entries import first
from include.chaos.events import PipelineStarted
from include.chaos.recovery import describe, read_recovery
from include.chaos.statistics import DurationName, ExperimentStatistics, Journal, summarise_runs
from include.chaos.timeline import build_timeline
from include.chaos.verdict import judge

_COLUMNS = (
    "experiment",
    "parameters",
    "runs",
    "verdicts",
    "to effect",
    "to recover",
    "to land",
    "recovered by",
    "reasons",
)
_SHOWN = (DurationName.TIME_TO_EFFECT, DurationName.TIME_TO_RECOVER, DurationName.TIME_TO_LAND)
_REASON_LENGTH = 160


def render_results(journals: Sequence[Journal]) -> str:
    """Give a table: verdicts of all runs, p50 and max of each duration in seconds, and who did the recovering."""
    head = f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}\n"
    return head + "".join(f"{_line(runs)}\n" for _, runs in sorted(_groups(journals).items()))


def _groups(journals: Sequence[Journal]) -> Mapping[tuple[str, str], list[Journal]]:
    """Put together the runs of one experiment that asked for the same of the pipeline."""
    groups: defaultdict[tuple[str, str], list[Journal]] = defaultdict(list)
    for journal in journals:
        groups[build_timeline(journal).opened.experiment_id, _parameters(journal)].append(journal)
    return groups


def _parameters(journal: Journal) -> str:
    started = first(journal, PipelineStarted)
    return ", ".join(f"{name}={value}" for name, value in sorted(started.conf.items())) if started else ""


def _line(runs: Sequence[Journal]) -> str:
    statistics = summarise_runs(runs)
    cells = (
        f"`{statistics.experiment_id}`",
        _parameters(runs[0]),
        str(statistics.runs),
        ", ".join(f"{count} {verdict}" for verdict, count in statistics.verdicts.items() if count),
        *(_quantiles(statistics, name) for name in _SHOWN),
        "; ".join(_counted(_recoveries(runs))),
        "; ".join(_counted(_reasons(runs))),
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _quantiles(statistics: ExperimentStatistics, name: DurationName) -> str:
    found = statistics.durations[name]
    if not found.seen:
        return "not reached" if found.censored else ""
    return f"{_seconds(found.p50)} / {_seconds(found.max)}"


def _seconds(duration: timedelta | None) -> str:
    return "not reached" if duration is None else f"{duration.total_seconds():.1f}"


def _recoveries(runs: Sequence[Journal]) -> Iterator[str]:
    for journal in runs:
        if recovery := read_recovery(journal):
            yield describe(recovery)


def _reasons(runs: Sequence[Journal]) -> Iterator[str]:
    """Give the first reason of each run that did not pass."""
    for journal in runs:
        verdict = judge(journal)
        if verdict.value != "passed":
            yield verdict.reasons[0][:_REASON_LENGTH]


def _counted(said: Iterator[str]) -> Iterator[str]:
    for text, count in Counter(said).most_common():
        yield f"{text} ({count}x)" if count > 1 else text
