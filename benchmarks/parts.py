"""The parts of the benchmark, each run in a process of its own."""

import resource
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from inspect import cleandoc
from multiprocessing import get_context
from time import perf_counter
from types import ModuleType

from benchmarks import extraction, gets, landing, pipeline, rows, similarity
from benchmarks.lines import Line, failed
from benchmarks.scope import Scope

PARTS: dict[str, ModuleType] = {
    "extraction": extraction,
    "gets": gets,
    "landing": landing,
    "rows": rows,
    "similarity": similarity,
    "pipeline": pipeline,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """A part's lines, how long it took in all, and the most memory its process has held; `text` says what it is."""

    title: str
    text: str
    lines: tuple[Line, ...]
    seconds: float
    peak_mib: float
    failed: bool


def run_part(name: str, scope: Scope) -> PartResult:
    """Run a part in a new process, so that no part's memory, threads or JVM meet another's."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, name, scope).result()


def _measure(name: str, scope: Scope) -> PartResult:
    title, _, text = cleandoc(PARTS[name].__doc__ or name).partition("\n\n")
    start = perf_counter()
    lines: list[Line] = []
    broken = False
    try:
        lines.extend(PARTS[name].measure(scope))
    except Exception as error:  # noqa: BLE001  # the other parts go on; Spark's errors cannot travel between processes
        traceback.print_exc()
        lines.append(failed(name, error))
        broken = True
    return PartResult(
        title=title.rstrip("."),
        text=text,
        lines=tuple(lines),
        seconds=perf_counter() - start,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        failed=broken,
    )
