"""Measure the console's pages before an agent that knows thousands of runs."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from benchmarks.console import knowing, visits
from benchmarks.console.knowing import KnowingScope
from benchmarks.console.servers import ConsoleServers, serving
from benchmarks.console.visits import AT_ONCE, VisitScope
from benchmarks.machine import describe_load, describe_machine
from benchmarks.part import PartResult, measure_part
from benchmarks.progress import tell
from benchmarks.report import Page, print_results, write_page
from include.chaos.journal import read_journal
from tests.chaos import journals
from tests.chaos.many_runs import plant
from tests.chaos.rendering.pages import many_looks

_PAGE = Page(
    title="Benchmarks of the console",
    introduction="with journals that are written for it. The agent and the console are a process each.",
    ours="one visitor",
    theirs=f"{AT_ONCE} at once",
)
_PACKAGES = ("fastapi", "starlette", "uvicorn", "jinja2", "pydantic", "plotly")
_LONG = "run"
"""The id of the run that `many_looks` makes."""


def main() -> None:
    """Write journals, and visit every page."""
    arguments = _read_arguments()
    load = describe_load()
    with tempfile.TemporaryDirectory(prefix="chaos-console-") as folder:
        kept = Path(folder) / "journals"
        tell(f"[bold]writing {arguments.runs:,} runs")
        ids = plant(kept, arguments.runs)
        journals.write(kept / f"{_LONG}.jsonl", many_looks(3000))
        results = [measure_part(knowing, KnowingScope(journals=kept)), _visits(Path(folder), ids[-1], arguments.visits)]
    conditions = [
        *describe_machine(_PACKAGES, "The agent's world is the tests' own; its journals, index and API are real"),
        f"{arguments.runs:,} runs of the shipped experiments; {arguments.visits} visits to each page",
        f"load average before {load}, after {describe_load()}",
    ]
    _tell(arguments, results, conditions)


def _visits(folder: Path, run_id: str, count: int) -> PartResult:
    with serving(folder) as servers:
        _await_all(servers)
        scope = VisitScope(
            servers=servers,
            visits=count,
            run_id=run_id,
            long_run_id=_LONG,
            entries=len(read_journal(folder / "journals" / f"{run_id}.jsonl").entries),
        )
        return measure_part(visits, scope)


def _await_all(servers: ConsoleServers) -> None:
    """Return when the agent knows all runs."""
    headers = {"Authorization": "Bearer token"}
    while httpx.get(f"{servers.agent_url}/experiments", headers=headers, timeout=60, trust_env=False).json()["unread"]:
        time.sleep(1)


def _tell(arguments: argparse.Namespace, results: Sequence[PartResult], conditions: Sequence[str]) -> None:
    if arguments.write:
        command = " ".join(["python -m benchmarks.console", *sys.argv[1:]])
        write_page(arguments.write, _PAGE, results, conditions, command)
    print_results(_PAGE, results, conditions)
    if any(result.failed for result in results):
        raise SystemExit(1)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="runs in the journals (default %(default)s)")
    parser.add_argument("--visits", type=int, default=60, help="to each page (default %(default)s)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the results to this page too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
