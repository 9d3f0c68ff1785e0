"""Lay a campaign out: one cell for each experiment, strike point and repeat, the repeats last. Pure."""

from collections.abc import Iterator
from datetime import datetime

from include.chaos.campaigns.campaign import Campaign, Entry, LoadExperiment
from include.chaos.campaigns.matrix import CampaignPlan, Cell, Place, cell_run_id
from include.chaos.experiment import Experiment
from include.chaos.model import StrikePoint
from include.errors import ConfigurationError

LONGEST_ID = 200
"""The agent takes no longer one."""


def plan_campaign(
    campaign: Campaign, *, campaign_id: str, name: str, began_at: datetime, load_experiment: LoadExperiment
) -> CampaignPlan:
    """Give all cells: every case once, then every case again, so that what is cut off has seen each one early.

    Raises `ConfigurationError` when a run's id would be too long.
    """
    rounds = range(1, max(entry.repeats for entry in campaign.experiments) + 1)
    cells = tuple(cell for repeat in rounds for cell in _round(campaign, repeat, load_experiment))
    for cell in cells:
        _require_short(cell_run_id(campaign_id, cell), name)
    return CampaignPlan(campaign_id=campaign_id, name=name, title=campaign.title, began_at=began_at, cells=cells)


def _round(campaign: Campaign, repeat: int, load_experiment: LoadExperiment) -> Iterator[Cell]:
    for entry in campaign.experiments:
        if repeat <= entry.repeats:
            experiment = load_experiment(entry.experiment)
            conf = campaign.pipeline_conf.get(experiment.pipeline, {})
            for point in entry.strike_points or (None,):
                cell = _cell(entry, experiment, point, repeat)
                yield cell.model_copy(update={"pipeline_conf": conf})


def _cell(entry: Entry, experiment: Experiment, point: StrikePoint | None, repeat: int) -> Cell:
    changed = (entry.strike or experiment.strikes[0].name) if point else None
    points = {strike.name: strike.strike_point for strike in experiment.strikes} | (
        {changed: point} if changed and point else {}
    )
    places = (Place(stage=points[strike.name].stage, fault=strike.fault.kind) for strike in experiment.strikes)
    return Cell(
        experiment_id=entry.experiment.replace("-", "_"),
        pipeline=experiment.pipeline,
        strike=entry.strike,
        point=point,
        repeat=repeat,
        places=tuple(dict.fromkeys(places)),
        expected_verdict=None if point else experiment.expected_verdict,
    )


def _require_short(run_id: str, name: str) -> None:
    if len(run_id) > LONGEST_ID:
        raise ConfigurationError(
            f"campaign {name}: a run would be called {run_id!r}, {len(run_id)} letters; expected at most {LONGEST_ID}: "
            "give the campaign's file, or the DAG run, a shorter name"
        )
