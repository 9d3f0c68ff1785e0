"""What can be wrong with a campaign beside its words: names that lead nowhere, cells that are there twice."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from include.chaos.campaigns.matrix import MOST_CELLS, point_label
from include.chaos.document_problems import Steps, suggestion
from include.chaos.experiment import Experiment, experiment_files, experiment_id_of
from include.chaos.overrides import StrikeChange, change_experiment
from include.chaos.pipeline import PIPELINES, Pipeline
from include.errors import ConfigurationError

if TYPE_CHECKING:  # a campaign is checked where it is read
    from include.chaos.campaigns.campaign import Campaign, Entry

Complaint = tuple[Steps, str]
LoadExperiment = Callable[[str], Experiment]
LoadPipeline = Callable[[str], Pipeline]


def complain(campaign: "Campaign", load_experiment: LoadExperiment, load_pipeline: LoadPipeline) -> Iterator[Complaint]:
    """Give place and text of each thing that is wrong in a campaign whose words are right."""
    for number, entry in enumerate(campaign.experiments):
        yield from _of_entry(entry, ("experiments", number), load_experiment, load_pipeline)
    yield from _twice(campaign)
    pipelines = sorted(path.stem for path in PIPELINES.glob("*.yaml"))
    for name in campaign.pipeline_conf.keys() - set(pipelines):
        yield ("pipeline_conf", name), f"no pipeline {name!r}{suggestion(name, pipelines)}"
    cells = sum(entry.repeats * max(1, len(entry.strike_points)) for entry in campaign.experiments)
    if cells > MOST_CELLS:
        yield ("experiments",), f"{cells} cells; expected at most {MOST_CELLS}: split the campaign, or repeat less"


def _of_entry(
    entry: "Entry", at: Steps, load_experiment: LoadExperiment, load_pipeline: LoadPipeline
) -> Iterator[Complaint]:
    known = [experiment_id_of(path) for path in experiment_files()]
    if entry.experiment.replace("-", "_") not in known:
        yield (*at, "experiment"), f"no experiment {entry.experiment!r}{suggestion(entry.experiment, known)}"
        return
    try:
        experiment = load_experiment(entry.experiment)
    except ConfigurationError as error:
        yield (*at, "experiment"), f"the experiment's own file is wrong: {error}"
        return
    names = [strike.name for strike in experiment.strikes]
    if entry.strike is not None and entry.strike not in names:
        yield (*at, "strike"), f"{entry.experiment} has no strike {entry.strike!r}{suggestion(entry.strike, names)}"
    elif entry.strike is not None and not entry.strike_points:
        yield (*at, "strike"), "says whose `strike_points` these are; expected some, or no `strike`"
    elif entry.strike_points and entry.strike is None and len(names) > 1:
        yield (
            (*at, "strike_points"),
            f"say whose: {entry.experiment} has several strikes; add `strike:` {_either(names)}",
        )
    else:
        yield from _of_points(entry, at, experiment, load_pipeline(experiment.pipeline))


def _of_points(entry: "Entry", at: Steps, experiment: Experiment, pipeline: Pipeline) -> Iterator[Complaint]:
    strike = entry.strike or experiment.strikes[0].name
    stages = {stage.task_id: stage for stage in pipeline.stages}
    for number, point in enumerate(entry.strike_points):
        here = (*at, "strike_points", number)
        if point.stage not in stages:
            yield (*here, "stage"), f"{pipeline.pipeline} has no stage {point.stage!r}{suggestion(point.stage, stages)}"
        elif point.failpoint and point.failpoint not in stages[point.stage].failpoints:
            known = suggestion(point.failpoint, stages[point.stage].failpoints)
            yield (*here, "failpoint"), f"stage {point.stage} has no failpoint {point.failpoint!r}{known}"
        else:
            try:
                change_experiment(experiment, [StrikeChange(strike=strike, strike_point=point)])
            except ConfigurationError as error:
                yield here, str(error)


def _twice(campaign: "Campaign") -> Iterator[Complaint]:
    """Find cells that would have one id: an experiment at one point that is listed again; `repeats` is for that."""
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(campaign.experiments):
        for point in entry.strike_points or (None,):
            case = (entry.experiment.replace("-", "_"), point_label(entry.strike, point))
            if case in seen:
                yield ("experiments", number), f"{case[0]} at {case[1]} is there already; `repeats: 2` runs it twice"
            seen.add(case)


def _either(names: list[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
