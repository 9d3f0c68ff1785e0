"""The command line's part for reports: find journals, and write what they say as a file."""

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from include.chaos.agent.client import AgentClient
from include.chaos.report_reading import Source, read_report
from include.chaos.reports.content import Report
from include.chaos.reports.runs import build_set_report
from include.chaos.statistics import Journal
from include.errors import ConfigurationError
from include.settings import AgentSettings

STDOUT = "-"

console = Console(stderr=True)


class Format(StrEnum):
    """How a report is written; all say the same."""

    HTML = "html"
    MARKDOWN = "markdown"
    JSON = "json"


_SUFFIXES = {Format.HTML: ".html", Format.MARKDOWN: ".md", Format.JSON: ".json"}

Runs = Annotated[
    list[str],
    typer.Argument(metavar="RUN...", help="An experiment run's id that the agent knows, a journal file, or a folder."),
]
As = Annotated[Format, typer.Option("--format", help="What to write; all say the same.")]
Output = Annotated[
    str | None, typer.Option(help="The file to write, or `-` for standard output; else named after the run, here.")
]


def report(runs: Runs, as_format: As = Format.HTML, output: Output = None) -> None:
    """Write the report of one experiment run, or of several together, as one file that needs nothing else."""
    found = [read_report(source) for source in find_sources(runs)]
    alone = len(found) == 1 and not Path(runs[0]).is_dir()
    text = render_one(found[0][1], as_format) if alone else _render_several(found, as_format)
    if output == STDOUT:
        sys.stdout.write(text)
        return
    name = found[0][1].experiment_run_id if alone else "chaos-report"
    path = Path(output or _file_name(name) + _SUFFIXES[as_format])
    path.write_text(text, encoding="utf8")
    console.print(f"report  {path.resolve()}", highlight=False, soft_wrap=True)


def find_sources(runs: Sequence[str]) -> list[Source]:
    """Find journals by path, or ask the agent for them; raise `ConfigurationError` when there is none."""
    sources = [source for run in runs for source in _sources_of(run)]
    if not sources:
        raise ConfigurationError(f"no journal (*.jsonl) is in {', '.join(runs)}")
    return sources


def _sources_of(run: str) -> Iterator[Source]:
    path = Path(run)
    if path.is_dir():
        yield from map(_read, sorted(path.glob("*.jsonl")))
    elif path.is_file():
        yield _read(path)
    elif path.suffix or len(path.parts) > 1:
        raise ConfigurationError(f"{run}: no such file")
    else:
        yield Source(name=run, content=AgentClient(AgentSettings.from_environment()).journal(run).encode())


def _read(path: Path) -> Source:
    return Source(name=path.name, content=path.read_bytes())


def render_one(found: Report, as_format: Format) -> str:
    """Write one run's report."""
    match as_format:
        case Format.HTML:
            from include.chaos.rendering.html import render_run

            return render_run(found)
        case Format.MARKDOWN:
            from include.chaos.rendering.markdown import render_run_as_markdown

            return render_run_as_markdown(found)
        case Format.JSON:
            return found.model_dump_json(indent=2) + "\n"


def _render_several(found: Sequence[tuple[Journal, Report]], as_format: Format) -> str:
    together = build_set_report(found)
    match as_format:
        case Format.HTML:
            from include.chaos.rendering.html import render_set

            return render_set(together)
        case Format.MARKDOWN:
            from include.chaos.rendering.markdown import render_set_as_markdown

            return render_set_as_markdown(together)
        case Format.JSON:
            return together.model_dump_json(indent=2) + "\n"


def _file_name(run_id: str) -> str:
    """Give a file name that stays in this folder, whatever a journal calls its run."""
    return (
        "".join(letter if letter.isalnum() or letter in "-_.+:" else "_" for letter in run_id).lstrip(".") or "report"
    )
