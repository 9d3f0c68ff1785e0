"""The parts of the benchmark, each run in a process of its own."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import ModuleType

from benchmarks import extraction, gets, landing, pipeline, rows, similarity
from benchmarks.part import PartResult, measure_part
from benchmarks.scope import Scope

PARTS: dict[str, ModuleType] = {
    "extraction": extraction,
    "gets": gets,
    "landing": landing,
    "rows": rows,
    "similarity": similarity,
    "pipeline": pipeline,
}


def run_part(name: str, scope: Scope) -> PartResult:
    """Run a part in a new process, so that no part's memory, threads or JVM meet another's."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, name, scope).result()


def _measure(name: str, scope: Scope) -> PartResult:
    return measure_part(PARTS[name], scope)
