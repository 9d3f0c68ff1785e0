"""The command line's part for an experiment that is run several times: each verdict, then what they say together."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console

from include.chaos.exit_codes import EXIT_CODES
from include.chaos.model import VerdictValue
from include.chaos.repetition import Repetition, conduct_repeatedly
from include.chaos.report_printing import print_report
from include.chaos.reports.content import Report
from include.chaos.statistics import ExperimentStatistics, Journal, summarise_runs
from include.chaos.statistics_commands import print_json, print_statistics

Conduct = Callable[[Console], Journal]
"""Conducts one experiment run, and shows how it goes."""

console = Console()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunVerdict:
    """One run's verdict, for machines."""

    experiment_run_id: str
    verdict: VerdictValue
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepetitionSummary:
    """What `experiment run --json` prints; `exit` is the code of `worst`."""

    planned: int
    missing: int
    interruption: str | None
    worst: VerdictValue
    exit: int
    runs: tuple[RunVerdict, ...]
    statistics: ExperimentStatistics


def run_repeatedly(conduct: Conduct, planned: int, *, as_json: bool) -> int:
    """Conduct the planned runs, print what they found, and give the exit code; with JSON, progress is on stderr."""
    progress = Console(stderr=True) if as_json else console

    def conduct_one(number: int) -> Journal:
        if planned > 1:
            progress.print(f"\nexperiment run {number} of {planned}", highlight=False)
        return conduct(progress)

    repetition = conduct_repeatedly(conduct_one, planned, tell=lambda report: print_report(report, progress))
    if as_json:
        print_json(_summarise(repetition))
    elif planned > 1:
        _print_together(repetition)
    return EXIT_CODES[repetition.worst]


def _print_together(repetition: Repetition) -> None:
    print_statistics(summarise_runs(repetition.journals))
    if repetition.interruption:
        console.print(_say_interruption(repetition), style="red", markup=False, highlight=False, soft_wrap=True)


def _say_interruption(repetition: Repetition) -> str:
    finished = len(repetition.reports)
    return (
        f"interrupted: {repetition.interruption}. {finished} of {repetition.planned} runs have finished, and the above "
        f"is what these show; {repetition.missing} missing. A run that was under way goes on in Airflow."
    )


def _summarise(repetition: Repetition) -> RepetitionSummary:
    return RepetitionSummary(
        planned=repetition.planned,
        missing=repetition.missing,
        interruption=repetition.interruption,
        worst=repetition.worst,
        exit=EXIT_CODES[repetition.worst],
        runs=tuple(map(_run_verdict, repetition.reports)),
        statistics=summarise_runs(repetition.journals),
    )


def _run_verdict(report: Report) -> RunVerdict:
    return RunVerdict(
        experiment_run_id=report.experiment_run_id,
        verdict=report.verdict.value,
        reasons=report.verdict.reasons,
        notes=report.verdict.notes,
    )
