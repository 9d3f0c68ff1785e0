"""An experiment run's report on a terminal, in short."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from include.chaos.model import VerdictValue
from include.chaos.reports.accounting import Accounting
from include.chaos.reports.content import Report
from include.chaos.reports.recovering import Recovering, say_recovery
from include.chaos.reports.section import say


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
    console.print(_rows_table(report.accounting))
    console.print(_times_table(report))


def _rows_table(accounting: Accounting) -> Table:
    columns = ("rows", "expected", "landed", "lost", "duplicated", "corrupted", "unexpected")
    title = ", ".join(_say_objects(accounting)) or ("rows" if accounting.relations else "rows: unknown")
    table = Table(*columns, title=title)
    for line in accounting.relations:
        counts = (line.expected, line.landed, line.lost, line.duplicated, line.corrupted, line.unexpected)
        table.add_row(line.relation, *(str(count) for count in counts))
    return table


def _say_objects(accounting: Accounting) -> Iterator[str]:
    if manifest := accounting.manifest:
        yield f"objects in the manifest: {manifest.objects}"
        yield f"landed: {manifest.landed}"
        yield f"quarantined: {manifest.quarantined}"
        yield f"lost: {manifest.lost}"


def _times_table(report: Report) -> Table:
    table = Table("time", "")
    for label, said in (*_times(report.recovering), *_besides(report)):
        table.add_row(label, said)
    return table


def _times(recovering: Recovering) -> Iterator[tuple[str, str]]:
    for time in recovering.times:
        yield time.label, time.said
    if recovering.said_by:
        yield "recovered by", recovering.said_by
        yield "recovery, phase by phase", say_recovery(recovering)
    yield "done for nothing", recovering.done_for_nothing
    for act in recovering.acts:
        yield f"{act.at:%H:%M:%S} {act.layer}", act.what


def _besides(report: Report) -> Iterator[tuple[str, str]]:
    if report.asked.without:
        yield "without", ", ".join(report.asked.without)
    if report.consuming.is_read:
        yield "consumers could read", report.consuming.essence
    for overlap in report.writing.overlaps:
        tries = f"{overlap.writer}, tries {overlap.older} and {overlap.newer}, {say(overlap.lasted)}"
        yield f"{overlap.since:%H:%M:%S} two writers", f"{tries}; the fence: {overlap.fence}"
