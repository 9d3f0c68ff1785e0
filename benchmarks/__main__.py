"""Measure everything in one run and print one table of ratios."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import describe_load, describe_machine
from benchmarks.part import PartResult
from benchmarks.parts import PARTS, run_part
from benchmarks.progress import tell
from benchmarks.report import Page, print_results, write_page
from benchmarks.scope import Scope, full_scope, quick_scope

_PAGE = Page(
    title="Benchmarks",
    introduction="""\
by the wall clock: read the ratios, not the seconds. Of several runs the median is shown,
and half the distance from the quickest to the slowest. The CPU ratio compares the processor time of all
processes, servers included: other work on the machine disturbs it little.""",
    ours="ours",
    theirs="theirs",
)


def main() -> None:
    """Run the parts that were asked for."""
    arguments = _read_arguments()
    scope = _scope_of(arguments)
    load, start = describe_load(), datetime.now(UTC)
    results: list[PartResult] = []
    for name in arguments.only or PARTS:
        tell(f"[bold]{name}")
        results.append(run_part(name, scope))
        minutes = (datetime.now(UTC) - start).total_seconds() / 60
        took = f"load average before {load}, after {describe_load()}; {minutes:.0f} minutes in all"
        conditions = [*describe_machine(), took]
        if arguments.write:  # after each part, so that an interruption costs no more than one
            write_page(arguments.write, _PAGE, results, conditions, " ".join(["python -m benchmarks", *sys.argv[1:]]))
    print_results(_PAGE, results, conditions)
    if any(result.failed for result in results):
        raise SystemExit(1)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--songs", type=int, default=2_000, help="files of the whole pipeline (default %(default)s)")
    parser.add_argument("--corpus", type=Path, help="folder of real MIDI files to parse and to GET; else generated")
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes, and no target can be judged")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part to run; may be given again")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the results to this page too")
    return parser.parse_args()


def _scope_of(arguments: argparse.Namespace) -> Scope:
    scope = quick_scope if arguments.quick else full_scope
    return scope(songs=arguments.songs, seed=arguments.seed, corpus=arguments.corpus)


if __name__ == "__main__":
    main()
