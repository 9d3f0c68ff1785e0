"""All runs there ever were and all experiments that could be run, put together as lists, overviews and coverage."""

from pathlib import Path

from include.chaos.agent.catalogue import Catalogue, stages_of
from include.chaos.agent.run_index import Known, RunIndex
from include.chaos.events import RunClosed
from include.chaos.faults.catalogue import KINDS, name_of
from include.chaos.journal import read_last_entry
from include.chaos.run_overview import (
    Coverage,
    Overview,
    PlannedExperiment,
    RunPage,
    Wanted,
    cover,
    list_runs,
    overview_experiments,
)


class Archive:
    """What an agent tells of runs without holding them."""

    def __init__(self, journals: Path) -> None:
        """Remember the folder; nothing is read yet."""
        self.index = RunIndex(journals, journals.parent / "run_summaries.jsonl")
        self._catalogue = Catalogue()
        self._overview: tuple[int, tuple[PlannedExperiment, ...], Overview] | None = None

    def runs(self, wanted: Wanted) -> RunPage:
        """List the runs that are wanted, newest first."""
        known = self.index.look()
        return list_runs(known.runs, wanted, unread=known.unread)

    def overview(self) -> Overview:
        """Put all runs together by experiment; computed anew when a run or a file has changed."""
        known, planned = self.index.look(), self._catalogue.planned()
        held = self._overview
        if held is None or held[0] != known.generation or held[1] != planned:
            self._overview = held = (known.generation, planned, _overview(known, planned))
        return held[2]

    def coverage(self) -> Coverage:
        """Say what is known of each stage of each pipeline under each fault."""
        experiments = self.overview().experiments
        pipelines = {experiment.pipeline for experiment in experiments}
        return cover(experiments, {name: stages_of(name) for name in pipelines}, sorted(map(name_of, KINDS)))


def is_closed_for_certain(journal: Path) -> bool:
    """Tell by its last line alone whether a run is over, for a folder of thousands is looked through at each start."""
    last = read_last_entry(journal)
    return last is not None and isinstance(last.body, RunClosed)


def _overview(known: Known, planned: tuple[PlannedExperiment, ...]) -> Overview:
    experiments = overview_experiments(known.runs, planned)
    return Overview(experiments=experiments, runs=len(known.runs), unread=known.unread, damaged=known.damaged)
