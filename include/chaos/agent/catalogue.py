"""The experiments that a site could run, from their files; each is read again only when it has changed."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from include.chaos.documents import read_document
from include.chaos.experiment import Experiment, experiment_files, experiment_id_of
from include.chaos.pipeline import load_pipeline
from include.chaos.run_overview import PlannedExperiment, PlannedPoint
from include.errors import ConfigurationError

_State = tuple[int, int]


@dataclass(slots=True)
class Catalogue:
    """What the experiment files plan; a file that is wrong plans nothing, as its DAG says."""

    list_files: Callable[[], Iterable[Path]] = experiment_files
    _read: dict[Path, tuple[_State, PlannedExperiment | None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def planned(self) -> tuple[PlannedExperiment, ...]:
        """Give every experiment that can be read."""
        with self._lock:
            plans = [self._plan(path) for path in self.list_files()]
        return tuple(plan for plan in plans if plan)

    def _plan(self, path: Path) -> PlannedExperiment | None:
        found = path.stat()
        state = (found.st_size, found.st_mtime_ns)
        known = self._read.get(path)
        if known is None or known[0] != state:
            known = self._read[path] = (state, _read(path))
        return known[1]


def stages_of(pipeline: str) -> tuple[str, ...]:
    """Name a pipeline's stages in their order; none where its landing contract is gone."""
    try:
        return tuple(stage.task_id for stage in load_pipeline(pipeline).stages)
    except ConfigurationError:
        return ()


def _read(path: Path) -> PlannedExperiment | None:
    try:
        experiment = read_document(path, Experiment)
    except ConfigurationError:
        return None
    points = dict.fromkeys((strike.strike_point.stage, strike.fault.kind) for strike in experiment.strikes)
    return PlannedExperiment(
        experiment_id=experiment_id_of(path),
        title=experiment.title,
        pipeline=experiment.pipeline,
        expected_verdict=experiment.expected_verdict,
        points=tuple(PlannedPoint(stage=stage, fault=fault) for stage, fault in points),
    )
