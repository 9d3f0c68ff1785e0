"""What thousands of run summaries say together: by experiment, and by stage and fault kind. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field

from include.chaos.model import Model, Moment, VerdictValue
from include.chaos.run_summary import RunSummary, StrikeSummary

TREND = 12
"""So many of an experiment's latest runs are told one by one."""

MOST_RUNS = 200
"""No page of runs is longer."""


class PlannedPoint(Model):
    """Where an experiment strikes, and with what."""

    stage: str
    fault: str


class PlannedExperiment(Model):
    """An experiment of the catalogue, as far as lists show it."""

    experiment_id: str
    title: str
    pipeline: str
    expected_verdict: VerdictValue | None
    points: tuple[PlannedPoint, ...]


class Outcome(Model):
    """One run in a trend."""

    experiment_run_id: str
    opened_at: Moment
    is_closed: bool
    verdict: VerdictValue | None
    time_to_recover: float | None


class ExperimentOverview(Model):
    """All runs of one experiment; `latest` has the newest first. `is_planned` is whether its file is still there."""

    experiment_id: str
    title: str
    pipeline: str
    is_planned: bool
    expected_verdict: VerdictValue | None
    points: tuple[PlannedPoint, ...]
    runs: int
    verdicts: dict[VerdictValue, int]
    latest: tuple[Outcome, ...]

    @property
    def last(self) -> Outcome | None:
        """The newest run that is over."""
        return next((outcome for outcome in self.latest if outcome.is_closed), None)

    @property
    def open_run(self) -> Outcome | None:
        """The newest run, while it goes on."""
        return self.latest[0] if self.latest and not self.latest[0].is_closed else None


class Overview(Model):
    """All experiments, those that were never run included; `unread` journals are not counted in it yet."""

    experiments: tuple[ExperimentOverview, ...]
    runs: int
    unread: int
    damaged: tuple[str, ...]


class CellExperiment(Model):
    """An experiment that strikes a stage with a fault; `verdict` is its latest, None while there is none."""

    experiment_id: str
    runs: int
    verdict: VerdictValue | None
    expected_verdict: VerdictValue | None


class Cell(Model):
    """What is known of one stage under one fault kind."""

    stage: str
    fault: str
    experiments: tuple[CellExperiment, ...]


class PipelineCoverage(Model):
    """The cells of one pipeline that any experiment is about; its stages are in the order in which they run."""

    pipeline: str
    stages: tuple[str, ...]
    cells: tuple[Cell, ...]


class Coverage(Model):
    """Which stages were struck with which faults; `kinds` are all fault kinds that there are."""

    kinds: tuple[str, ...]
    pipelines: tuple[PipelineCoverage, ...]


class Wanted(Model):
    """Which runs to list; what is None does not matter."""

    experiment_id: str | None = None
    pipeline: str | None = None
    dag_id: str | None = None
    stage: str | None = None
    fault: str | None = None
    verdict: VerdictValue | None = None
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=MOST_RUNS)

    def admits(self, run: RunSummary) -> bool:
        """Tell whether a run is asked for."""
        return (
            self.experiment_id in (None, run.experiment_id)
            and self.pipeline in (None, run.pipeline)
            and self.dag_id in (None, run.dag_id)
            and self.verdict in (None, run.verdict)
            and ((self.stage is None and self.fault is None) or any(map(self._admits_point, run.strikes)))
        )

    def _admits_point(self, point: StrikeSummary) -> bool:
        return self.stage in (None, point.stage) and self.fault in (None, point.fault)


class RunPage(Model):
    """Some of the runs that were asked for, newest first, of `total`."""

    total: int
    offset: int
    runs: tuple[RunSummary, ...]
    unread: int


def list_runs(runs: Sequence[RunSummary], wanted: Wanted, *, unread: int) -> RunPage:
    """Give one page of those that are wanted."""
    found = [run for run in runs if wanted.admits(run)]
    page = tuple(found[wanted.offset : wanted.offset + wanted.limit])
    return RunPage(total=len(found), offset=wanted.offset, runs=page, unread=unread)


def overview_experiments(
    runs: Sequence[RunSummary], planned: Iterable[PlannedExperiment]
) -> tuple[ExperimentOverview, ...]:
    """Put runs, newest first, together by experiment, with those that the catalogue plans; ordered by id."""
    by_experiment = _by_experiment(runs)
    plans = {plan.experiment_id: plan for plan in planned}
    return tuple(
        _overview(experiment_id, by_experiment.get(experiment_id, []), plans.get(experiment_id))
        for experiment_id in sorted(by_experiment.keys() | plans.keys())
    )


def _by_experiment(runs: Iterable[RunSummary]) -> Mapping[str, list[RunSummary]]:
    found: defaultdict[str, list[RunSummary]] = defaultdict(list)
    for run in runs:
        found[run.experiment_id].append(run)
    return found


def _overview(experiment_id: str, runs: Sequence[RunSummary], plan: PlannedExperiment | None) -> ExperimentOverview:
    told = plan or _plan_of(runs[0])
    verdicts = dict.fromkeys(VerdictValue, 0)
    for run in runs:
        if run.verdict:
            verdicts[run.verdict] += 1
    return ExperimentOverview(
        experiment_id=experiment_id,
        title=told.title,
        pipeline=told.pipeline,
        is_planned=plan is not None,
        expected_verdict=told.expected_verdict,
        points=told.points,
        runs=len(runs),
        verdicts=verdicts,
        latest=tuple(map(_outcome, runs[:TREND])),
    )


def _plan_of(run: RunSummary) -> PlannedExperiment:
    """Tell what a run's experiment was, where its file is gone."""
    points = dict.fromkeys((strike.stage, strike.fault) for strike in run.strikes)
    return PlannedExperiment(
        experiment_id=run.experiment_id,
        title=run.title,
        pipeline=run.pipeline,
        expected_verdict=run.expected_verdict,
        points=tuple(PlannedPoint(stage=stage, fault=fault) for stage, fault in points),
    )


def _outcome(run: RunSummary) -> Outcome:
    return Outcome(
        experiment_run_id=run.experiment_run_id,
        opened_at=run.opened_at,
        is_closed=run.is_closed,
        verdict=run.verdict,
        time_to_recover=run.time_to_recover,
    )


def cover(
    experiments: Iterable[ExperimentOverview], stages: Mapping[str, Sequence[str]], kinds: Iterable[str]
) -> Coverage:
    """Say what is known of each stage under each fault; `stages` are those of each pipeline, as far as it is known."""
    by_pipeline: defaultdict[str, list[ExperimentOverview]] = defaultdict(list)
    for experiment in experiments:
        by_pipeline[experiment.pipeline].append(experiment)
    return Coverage(
        kinds=tuple(kinds),
        pipelines=tuple(_cover(name, stages.get(name, ()), own) for name, own in sorted(by_pipeline.items())),
    )


def _cover(pipeline: str, stages: Sequence[str], experiments: Sequence[ExperimentOverview]) -> PipelineCoverage:
    cells: defaultdict[tuple[str, str], list[CellExperiment]] = defaultdict(list)
    for experiment in experiments:
        for point in dict.fromkeys((point.stage, point.fault) for point in experiment.points):
            cells[point].append(_in_cell(experiment))
    return PipelineCoverage(
        pipeline=pipeline,
        stages=tuple(dict.fromkeys([*stages, *(stage for stage, _ in cells)])),
        cells=tuple(
            Cell(stage=stage, fault=fault, experiments=tuple(found)) for (stage, fault), found in sorted(cells.items())
        ),
    )


def _in_cell(experiment: ExperimentOverview) -> CellExperiment:
    return CellExperiment(
        experiment_id=experiment.experiment_id,
        runs=experiment.runs,
        verdict=experiment.last.verdict if experiment.last else None,
        expected_verdict=experiment.expected_verdict,
    )
