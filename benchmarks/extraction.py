"""Instruments of files in memory: the compiled scanner against pretty_midi in a loop, on one core.

Both read the same files, those included that pretty_midi rejects. The scanner has them all in one batch; its kernel is
compiled and loaded before the clock starts. What bounds it is one pass over the bytes with a branch or two for each.
"""

from collections.abc import Iterator

from benchmarks import original
from benchmarks.lines import Line, against, alone
from benchmarks.measured import timed
from benchmarks.progress import tell
from benchmarks.scope import Scope
from benchmarks.songs import contents_of, kind_of
from include.scale.scanner import programs_of, scan_files, warm

_RUNS = 9


def measure(scope: Scope) -> Iterator[Line]:
    """Read files both ways."""
    contents = contents_of(scope, scope.scanned_files)
    octets = sum(map(len, contents))
    _, loading = timed(warm)
    scanned, ours = timed(lambda: scan_files(contents), runs=_RUNS, items=len(contents), unit="files")
    tell(f"pretty_midi reads {len(contents)} files")
    parsed, theirs = timed(lambda: [original.parse(it) for it in contents], items=len(contents), unit="files")
    unlike = sum(programs_of(bitmap) != programs for bitmap, programs in zip(scanned.bitmaps, parsed, strict=True))
    yield against(
        f"extraction kernel, {len(contents):,} {kind_of(scope)} files",
        ours,
        theirs,
        at_least=1_000,
        note=f"{octets / len(contents) / 1000:.1f} KB a file, {octets / ours.middle / 1e6:,.0f} MB/s; "
        f"sets that differ: {unlike}",
    )
    yield alone("start-up: loading the kernel from its cache, or compiling it", loading)
