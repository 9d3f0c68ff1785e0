"""An experiment run's report on a terminal."""

from rich.console import Console
from rich.table import Table

from include.chaos.model import VerdictValue
from include.chaos.report import Report


def print_report(report: Report, console: Console) -> None:
    """Print verdict, reasons, row accounting and times."""
    verdict = report.verdict
    style = "green" if verdict.value is VerdictValue.PASSED else "red"
    console.print(f"\n[bold]{report.title}[/bold]  ({report.experiment_run_id})")
    console.print(f"verdict: [bold {style}]{verdict.value}[/bold {style}]")
    for reason in verdict.reasons:
        console.print(f"  {reason}", markup=False)
    for note in verdict.notes:
        console.print(f"  note: {note}", markup=False)
    console.print(_rows_table(report))
    console.print(_times_table(report))


def _rows_table(report: Report) -> Table:
    columns = ("rows", "expected", "landed", "lost", "duplicated", "corrupted", "unexpected")
    objects = ", ".join(f"{label}: {count}" for label, count in report.objects)
    table = Table(*columns, title=objects or ("rows" if report.relations else "rows: unknown"))
    for line in report.relations:
        counts = (line.expected, line.landed, line.lost, line.duplicated, line.corrupted, line.unexpected)
        table.add_row(line.relation, *(str(count) for count in counts))
    return table


def _times_table(report: Report) -> Table:
    table = Table("time", "")
    for label, text in report.times:
        table.add_row(label, text)
    return table
