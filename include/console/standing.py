"""How a pipeline stands, at a glance: which claims hold, which do not, and of which nothing is known. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import median

from include.chaos.model import VerdictValue
from include.chaos.reports.section import counted, say
from include.chaos.run_overview import Cell, ExperimentOverview, Outcome, Overview

UNDECIDED = (VerdictValue.NOT_EXERCISED, VerdictValue.INCONCLUSIVE)


class Standing(StrEnum):
    """What the latest verdict says of a claim, in the order in which one should look at them."""

    BROKEN = "does not hold"
    UNDECIDED = "undecided"
    UNTRIED = "never run"
    HOLDS = "holds"


SIGNS = {Standing.BROKEN: "✗", Standing.UNDECIDED: "?", Standing.UNTRIED: "·", Standing.HOLDS: "✓"}

SHOWN = (Standing.HOLDS, Standing.BROKEN, Standing.UNDECIDED, Standing.UNTRIED)
"""In the order in which they are counted for people."""

_VERDICT_SIGNS = {
    VerdictValue.PASSED: "✓",
    VerdictValue.FAILED: "✗",
    VerdictValue.NOT_EXERCISED: "○",
    VerdictValue.INCONCLUSIVE: "?",
    None: "…",
}


def sign_of(verdict: VerdictValue | None) -> str:
    """Give a verdict's sign, which is not told by its colour alone."""
    return _VERDICT_SIGNS[verdict]


def stand(verdict: VerdictValue | None, expected: VerdictValue | None) -> Standing:
    """Say how a claim stands by its latest verdict; where failing is expected, failing is as it should be."""
    if verdict is None:
        return Standing.UNTRIED
    if verdict is (expected or VerdictValue.PASSED):
        return Standing.HOLDS
    return Standing.UNDECIDED if verdict in UNDECIDED else Standing.BROKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One experiment in the list."""

    experiment: ExperimentOverview
    standing: Standing

    @property
    def said(self) -> str:
        """The latest verdict in words."""
        last, expected = self.experiment.last, self.experiment.expected_verdict
        if last is None or last.verdict is None:
            return "never run" if last is None else "closed without a verdict"
        said = last.verdict.replace("_", " ")
        if expected in (None, VerdictValue.PASSED):
            return said
        return f"{said}, as expected" if last.verdict is expected else f"{said}, expected {expected.replace('_', ' ')}"

    @property
    def trend(self) -> Sequence[Outcome]:
        """The latest runs, oldest first."""
        return self.experiment.latest[::-1]

    @property
    def decided(self) -> str:
        """How often it passed, of the runs that decided anything."""
        passed = self.experiment.verdicts[VerdictValue.PASSED]
        decided = passed + self.experiment.verdicts[VerdictValue.FAILED]
        return f"{passed:,} of {decided:,}" if decided else "none decided"

    @property
    def recovery(self) -> str:
        """How long the last recovery took."""
        last = self.experiment.last
        return say(timedelta(seconds=last.time_to_recover)) if last and last.time_to_recover is not None else ""

    @property
    def usual_recovery(self) -> str:
        """What the runs shown before it took, in the middle."""
        last = self.experiment.last
        before = [o.time_to_recover for o in self.experiment.latest if o is not last and o.time_to_recover is not None]
        return say(timedelta(seconds=median(before))) if before else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The whole at a glance; `lines` has what needs looking at first."""

    lines: list[Line]
    counts: dict[Standing, int]
    runs: int
    unread: int
    damaged: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The state in words."""
        if not self.lines:
            return "There are no experiments yet."
        if self.counts[Standing.UNTRIED] == len(self.lines):
            return f"None of {counted(len(self.lines), 'claim')} was put to the test yet."
        broken = self.counts[Standing.BROKEN]
        holds = self.counts[Standing.HOLDS]
        begins = f"{holds:,} of {counted(len(self.lines), 'claim')} held when they were last put to the test"
        return f"{begins}; {broken:,} did not." if broken else f"{begins}; none was broken."


def glance(overview: Overview, pipeline: str | None = None) -> Glance:
    """Sort experiments by how they stand, those of one pipeline if it is named."""
    lines = [
        Line(experiment=experiment, standing=_stand(experiment))
        for experiment in overview.experiments
        if pipeline in (None, experiment.pipeline)
    ]
    order = list(Standing)
    return Glance(
        lines=sorted(lines, key=lambda line: (order.index(line.standing), line.experiment.experiment_id)),
        counts={standing: sum(line.standing is standing for line in lines) for standing in Standing},
        runs=sum(line.experiment.runs for line in lines),
        unread=overview.unread,
        damaged=overview.damaged,
    )


def _stand(experiment: ExperimentOverview) -> Standing:
    last = experiment.last
    if last and last.verdict is None:
        return Standing.UNDECIDED
    return stand(last.verdict if last else None, experiment.expected_verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShown:
    """One cell of the heat map: how the claims about it stand together."""

    cell: Cell
    standing: Standing
    runs: int
    holding: int
    untried: int

    @property
    def said(self) -> str:
        """The cell in words."""
        claims = counted(len(self.cell.experiments), "claim")
        untried = f", {self.untried:,} never run" if self.untried else ""
        return f"{self.standing}: {self.holding} of {claims} held last{untried}, {counted(self.runs, 'run')}"


def show_cell(cell: Cell) -> CellShown:
    """Put a cell's experiments together; one that is broken is not made good by others, one never run is set aside."""
    standings = [stand(one.verdict, one.expected_verdict) for one in cell.experiments]
    tried = [standing for standing in standings if standing is not Standing.UNTRIED]
    return CellShown(
        cell=cell,
        standing=min(tried, key=list(Standing).index, default=Standing.UNTRIED),
        runs=sum(one.runs for one in cell.experiments),
        holding=sum(standing is Standing.HOLDS for standing in standings),
        untried=len(standings) - len(tried),
    )
