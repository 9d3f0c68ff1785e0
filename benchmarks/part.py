"""One part of a benchmark: what it says it is, and what came of it."""

import resource
import traceback
from dataclasses import dataclass
from inspect import cleandoc
from time import perf_counter
from types import ModuleType

from benchmarks.lines import Line, failed


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """A part's lines, how long it took in all, and the most memory its process has held; `text` says what it is."""

    title: str
    text: str
    lines: tuple[Line, ...]
    seconds: float
    peak_mib: float
    failed: bool


def measure_part(part: ModuleType, given: object) -> PartResult:
    """Have a part `measure` what it is given, in this process; what breaks off is a line too."""
    title, _, text = cleandoc(part.__doc__ or part.__name__).partition("\n\n")
    start = perf_counter()
    lines: list[Line] = []
    broken = False
    try:
        lines.extend(part.measure(given))
    except Exception as error:  # noqa: BLE001  # the other parts go on; Spark's errors cannot travel between processes
        traceback.print_exc()
        lines.append(failed(part.__name__.rpartition(".")[2], error))
        broken = True
    return PartResult(
        title=title.rstrip("."),
        text=text,
        lines=tuple(lines),
        seconds=perf_counter() - start,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        failed=broken,
    )
