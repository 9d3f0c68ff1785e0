"""Where a campaign has struck with what, and what it found there: stage by stage, fault kind by fault kind. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

from include.chaos.campaigns.matrix import Place
from include.chaos.campaigns.outcomes import CellOutcome
from include.chaos.model import VerdictValue
from include.chaos.reports.section import Part, Text, counted, say_share

StagesByPipeline = Mapping[str, Sequence[str]]
"""Every stage of each pipeline, in order, also those that nothing struck."""


class Heat(StrEnum):
    """What is known of a stage under a fault kind."""

    UNTRIED = "untried"
    UNDECIDED = "undecided"
    PASSED = "passed"
    FAILED = "failed"


class Square(Part):
    """One stage under one fault kind; `undecided` cells count for nothing."""

    passed: int = 0
    failed: int = 0
    undecided: int = 0

    @property
    def heat(self) -> Heat:
        """One failure outweighs every pass, and one decided cell every undecided one."""
        if self.failed:
            return Heat.FAILED
        if self.passed:
            return Heat.PASSED
        return Heat.UNDECIDED if self.undecided else Heat.UNTRIED

    @property
    def said(self) -> str:
        """The counts for people."""
        if self.heat is Heat.UNTRIED:
            return "not tried"
        counts = {"passed": self.passed, "failed": self.failed, "undecided": self.undecided}
        return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


class StageRow(Part):
    """A stage; its squares are in the order of the map's `faults`."""

    stage: Text
    squares: tuple[Square, ...]


class HeatMap(Part):
    """One pipeline: all its stages, and the fault kinds that this campaign's cells on it bring."""

    pipeline: Text
    faults: tuple[Text, ...]
    rows: tuple[StageRow, ...]

    @property
    def squares(self) -> tuple[Square, ...]:
        """All squares, row by row."""
        return tuple(square for row in self.rows for square in row.squares)

    @property
    def essence(self) -> str:
        """How much of the map is known."""
        decided = sum(square.heat in (Heat.PASSED, Heat.FAILED) for square in self.squares)
        whole = len(self.squares)
        return (
            f"{decided} of {counted(whole, 'square')} ({say_share(decided / whole)}) have a conclusive cell: "
            f"{counted(len(self.rows), 'stage')} by {counted(len(self.faults), 'fault kind')}."
        )


def draw_heat_maps(outcomes: Sequence[CellOutcome], stages: StagesByPipeline) -> tuple[HeatMap, ...]:
    """Draw a map for each pipeline of the campaign."""
    pipelines = dict.fromkeys(outcome.cell.pipeline for outcome in outcomes)
    return tuple(
        _draw(name, [outcome for outcome in outcomes if outcome.cell.pipeline == name], stages.get(name, ()))
        for name in pipelines
    )


def _draw(pipeline: str, outcomes: Sequence[CellOutcome], stages: Sequence[str]) -> HeatMap:
    struck = [(place, outcome.verdict) for outcome in outcomes for place in outcome.cell.places]
    faults = sorted({place.fault for place, _ in struck})
    known = list(dict.fromkeys([*stages, *(place.stage for place, _ in struck)]))
    counts = Counter(struck)
    rows = (
        StageRow(stage=stage, squares=tuple(_square(Place(stage=stage, fault=fault), counts) for fault in faults))
        for stage in known
    )
    return HeatMap(pipeline=pipeline, faults=tuple(faults), rows=tuple(rows))


def _square(place: Place, counts: Counter[tuple[Place, VerdictValue | None]]) -> Square:
    passed, failed = counts[place, VerdictValue.PASSED], counts[place, VerdictValue.FAILED]
    return Square(
        passed=passed,
        failed=failed,
        undecided=sum(
            counts[place, verdict] for verdict in (VerdictValue.NOT_EXERCISED, VerdictValue.INCONCLUSIVE, None)
        ),
    )
