"""The results as a table on the terminal, and as a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.lines import Line
from benchmarks.part import PartResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page of results is called, what it says of all its figures, and the names of the two sides compared."""

    title: str
    introduction: str
    ours: str
    theirs: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The heads of the columns."""
        return ("part", self.ours, self.theirs, "ratio", "CPU ratio", "target", "note")


def print_results(page: Page, results: Sequence[PartResult], conditions: Sequence[str]) -> None:
    """Print one table."""
    console = Console(width=190, highlight=False)
    table = Table(*page.columns)
    for result in results:
        for line in result.lines:
            table.add_row(*_cells(line))
        table.add_section()
    console.print(table)
    for result in results:
        console.print(_expense(result))
    for condition in conditions:
        console.print(condition)


def write_page(path: Path, page: Page, results: Sequence[PartResult], conditions: Sequence[str], command: str) -> None:
    """Write the page of results."""
    path.write_text("\n".join(_lines_of(page, results, conditions, command)) + "\n", encoding="utf-8")


def _lines_of(page: Page, results: Sequence[PartResult], conditions: Sequence[str], command: str) -> Iterator[str]:
    yield f"# {page.title}\n"
    yield f"Written by `{command}` on {datetime.now().astimezone():%d %B %Y, %H:%M %Z}; do not edit. All in one run,"
    yield f"on one machine, {page.introduction}\n"
    yield from (f"- {condition}" for condition in conditions)
    missed = [line for result in results for line in result.lines if line.met is False]
    aimed = sum(line.met is not None for result in results for line in result.lines)
    yield f"\n**{aimed - len(missed)} of {aimed} targets met.**" + "".join(
        f" Missed: {line.what}: {line.ratio or line.ours} ({line.target})." for line in missed
    )
    for result in results:
        yield f"\n## {result.title}\n\n{result.text}\n"
        yield f"| {' | '.join(page.columns)} |\n|{'---|' * len(page.columns)}"
        yield from (f"| {' | '.join(_cells(line))} |" for line in result.lines)
        yield f"\n{_expense(result)}"


def _cells(line: Line) -> tuple[str, ...]:
    verdict = {True: " met", False: " MISSED", None: ""}[line.met]
    return (line.what, line.ours, line.theirs, line.ratio, line.cpu_ratio, line.target + verdict, line.note)


def _expense(result: PartResult) -> str:
    return f"{result.title}: {result.seconds:,.0f} s, peak memory {result.peak_mib:,.0f} MiB without JVM and servers."
