"""The command line's part for several runs: their statistics, and the score of experiments."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table

from include.chaos.entries import first
from include.chaos.events import RunOpened
from include.chaos.journal import read_journal
from include.chaos.resilience import ResilienceScore, score_experiment, score_experiments
from include.chaos.results_page import render_results
from include.chaos.statistics import CONFIDENCE, DurationStatistics, ExperimentStatistics, Journal, summarise_runs
from include.errors import ConfigurationError

console = Console()

Journals = Annotated[
    list[Path], typer.Argument(metavar="JOURNAL...", help="Journal files, or folders of them.", exists=True)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, with durations in seconds.")]


def show_statistics(
    experiment_id: Annotated[str, typer.Argument(help="Whose runs are summarised.")],
    journals: Journals,
    as_json: AsJson = False,  # noqa: FBT002  # typer's options are booleans
) -> None:
    """Summarise several runs of one experiment: pass rate, verdicts and quantiles of each duration."""
    statistics = summarise_runs(_runs_of(experiment_id.replace("-", "_"), journals))
    if as_json:
        print_json(statistics)
    else:
        print_statistics(statistics)


def show_results(
    journals: Journals,
    write: Annotated[Path | None, typer.Option(help="Write the table to this file, instead of printing it.")] = None,
) -> None:
    """Put all runs of all experiments into one table in Markdown: verdicts, durations, and who did the recovering."""
    found = render_results([run for runs in _by_experiment(journals).values() for run in runs])
    if write:
        write.write_text(found, encoding="utf8")
    else:
        sys.stdout.write(found)


def show_score(journals: Journals, as_json: AsJson = False) -> None:  # noqa: FBT002  # as above
    """Score the experiments of all these journals together, by the weakest; exit with 4 when there is no score."""
    experiments = [summarise_runs(runs) for _, runs in sorted(_by_experiment(journals).items())]
    score = score_experiments(experiments)
    if as_json:
        print_json(score)
    else:
        console.print(_score_table(experiments))
        console.print(_say_score(score), highlight=False)
    raise typer.Exit(0 if score.value is not None else 4)


def print_json(found: object) -> None:
    """Print a dataclass as JSON, with durations in seconds."""
    sys.stdout.write(to_json(found, timedelta_mode="float", indent=2).decode() + "\n")


def _runs_of(experiment_id: str, paths: Sequence[Path]) -> list[Journal]:
    runs = _by_experiment(paths)
    if experiment_id not in runs:
        there = ", ".join(sorted(runs)) or "none"
        raise ConfigurationError(f"no journal of experiment {experiment_id!r} is among these; experiments: {there}")
    return runs[experiment_id]


def _by_experiment(paths: Sequence[Path]) -> dict[str, list[Journal]]:
    runs: defaultdict[str, list[Journal]] = defaultdict(list)
    for path in _files(paths):
        entries = read_journal(path).entries
        opened = first(entries, RunOpened)
        if opened is None:
            raise ConfigurationError(f"{path}: no experiment run was opened in it, so it belongs to no experiment")
        runs[opened.experiment_id].append(entries)
    return runs


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.jsonl")) if path.is_dir() else (path,)


def print_statistics(statistics: ExperimentStatistics) -> None:
    """Print pass rate, verdicts, notes and the quantiles of each duration."""
    console.print(f"\n[bold]{statistics.experiment_id}[/bold]  {statistics.runs} run(s)", highlight=False)
    console.print(_say_pass_rate(statistics), highlight=False)
    for note in _notes(statistics):
        console.print(f"  note: {note}", style="yellow", highlight=False)
    console.print(_durations_table(statistics))


def _say_pass_rate(statistics: ExperimentStatistics) -> str:
    counts = ", ".join(f"{count} {verdict}" for verdict, count in statistics.verdicts.items() if count)
    rate = statistics.pass_rate
    if rate is None:
        return f"pass rate: none, as no run was decided ({counts})"
    interval = f"{CONFIDENCE:.0%} interval {rate.low:.1%} to {rate.high:.1%}"
    return f"pass rate: {rate.rate:.1%} ({rate.passed} of {rate.decided} decided runs; {interval}); {counts}"


def _notes(statistics: ExperimentStatistics) -> Iterator[str]:
    if statistics.versions > 1:
        yield f"these are runs of {statistics.versions} different files under one id; they may not claim the same"
    if statistics.unclosed:
        yield f"{statistics.unclosed} run(s) were never closed: still running, or the agent never came back"


def _durations_table(statistics: ExperimentStatistics) -> Table:
    table = Table("", "p50", "p95", "max", "seen", "censored", "unknown", "watched", box=None)
    table.columns[0].no_wrap = True
    for name, found in statistics.durations.items():
        quantiles = [_say_quantile(value, found) for value in (found.p50, found.p95, found.max)]
        counts = map(str, (found.seen, found.censored, found.unknown))
        table.add_row(name, *quantiles, *counts, _say_seconds(found.longest_watch))
    return table


def _say_quantile(value: timedelta | None, found: DurationStatistics) -> str:
    return _say_seconds(value) if value is not None or not found.censored else "not reached"


def _say_seconds(value: timedelta | None) -> str:
    return "unknown" if value is None else f"{value.total_seconds():.1f} s"


def _score_table(experiments: Sequence[ExperimentStatistics]) -> Table:
    table = Table("experiment", "runs", "decided", "passed", "score")
    for statistics in experiments:
        rate = statistics.pass_rate
        score = score_experiment(statistics)
        decided = (rate.decided, rate.passed) if rate else (0, 0)
        table.add_row(
            statistics.experiment_id, *map(str, (statistics.runs, *decided)), "none" if score is None else str(score)
        )
    return table


def _say_score(score: ResilienceScore) -> str:
    if score.value is None:
        return f"no resilience score: no run has decided {', '.join(score.undecided) or 'anything'}"
    return f"resilience score: {score.value} of 100, by {score.weakest}"
