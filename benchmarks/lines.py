"""The lines of the benchmark's table."""

from dataclasses import dataclass

from benchmarks.measured import Measured, number

_TICK = 1e-6
"""Seconds: keeps a time too short for the processors' clock from being divided by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: what was measured, here and there, and whether it is what was aimed at (None: nothing was)."""

    what: str
    ours: str = ""
    theirs: str = ""
    ratio: str = ""
    cpu_ratio: str = ""
    target: str = ""
    met: bool | None = None
    note: str = ""


def against(
    what: str, ours: Measured, theirs: Measured, *, at_least: float | None = None, note: str = "", scaled: bool = False
) -> Line:
    """Hold our time for one thing against theirs; `scaled` marks a time of theirs that is partly an estimate."""
    ratio = theirs.each / ours.each
    return Line(
        what=what,
        ours=str(ours),
        theirs=f"{theirs}{', scaled' if scaled else ''}",
        ratio=f"{number(ratio)}x",
        cpu_ratio=f"{number(theirs.cpu_each / max(ours.cpu_each, _TICK))}x",
        target="" if at_least is None else f">= {number(at_least)}x",
        met=None if at_least is None else ratio >= at_least,
        note=note,
    )


def alone(what: str, ours: Measured, *, note: str = "") -> Line:
    """Show a time of ours that nothing is held against."""
    return Line(what=what, ours=str(ours), note=note)


def theirs_alone(what: str, theirs: Measured, *, note: str = "") -> Line:
    """Show a time of theirs that has no counterpart here."""
    return Line(what=what, theirs=str(theirs), note=note)


def share(
    what: str, ours: float, theirs: float | None = None, *, at_least: float | None = None, note: str = ""
) -> Line:
    """Show a share, such as a recall."""
    return Line(
        what=what,
        ours=f"{ours:.6f}",
        theirs="" if theirs is None else f"{theirs:.6f}",
        target="" if at_least is None else f">= {at_least:g}",
        met=None if at_least is None else ours >= at_least,
        note=note,
    )


def memory(what: str, octets: int, *, below_mib: int | None = None, note: str = "") -> Line:
    """Show a peak of memory."""
    mib = octets / 2**20
    return Line(
        what=what,
        ours=f"{mib:,.0f} MiB",
        target="" if below_mib is None else f"< {below_mib:,} MiB",
        met=None if below_mib is None else mib < below_mib,
        note=note,
    )


def skipped(what: str, why: str) -> Line:
    """Show what was not measured."""
    return Line(what=what, note=f"not measured: {why}")


def failed(what: str, error: Exception) -> Line:
    """Show what broke off."""
    return Line(what=what, met=False, note=f"failed: {type(error).__name__}, see the log")
