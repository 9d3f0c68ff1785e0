"""Campaigns made by hand."""

from collections.abc import Mapping
from datetime import timedelta

from include.chaos.campaigns.campaign import Campaign
from include.chaos.campaigns.matrix import CampaignPlan, Cell, Place
from include.chaos.campaigns.outcomes import CampaignEnd, CampaignRecord, CellOutcome
from include.chaos.campaigns.planning import plan_campaign
from include.chaos.experiment import load_experiment
from include.chaos.model import VerdictValue
from tests.chaos import journals

STAGES = {"scale": ("freeze_manifest", "extract_instruments", "publish")}
PASSED, FAILED = VerdictValue.PASSED, VerdictValue.FAILED
NOT_EXERCISED, INCONCLUSIVE = VerdictValue.NOT_EXERCISED, VerdictValue.INCONCLUSIVE

Verdicts = Mapping[str, tuple[VerdictValue | None, ...]]
"""By experiment, the verdict of each repeat."""


def plan(campaign: Campaign, *, campaign_id: str = "made__manual") -> CampaignPlan:
    return plan_campaign(
        campaign, campaign_id=campaign_id, name="made", began_at=journals.START, load_experiment=load_experiment
    )


def cell(experiment_id: str, *, repeat: int = 1, stage: str = "publish", fault: str = "kill") -> Cell:
    return Cell(experiment_id=experiment_id, pipeline="scale", repeat=repeat, places=(Place(stage=stage, fault=fault),))


def outcome(of: Cell, verdict: VerdictValue | None) -> CellOutcome:
    return CellOutcome(
        cell=of, experiment_run_id=f"{of.experiment_id}__{of.key}", verdict=verdict, reasons=("So it is.",)
    )


def record(verdicts: Verdicts, *, day: int = 1, name: str = "made", scored: bool = True) -> CampaignRecord:
    outcomes = tuple(
        outcome(cell(experiment, repeat=repeat), verdict)
        for experiment, repeats in verdicts.items()
        for repeat, verdict in enumerate(repeats, start=1)
    )
    began = journals.START + timedelta(days=day)
    cells = tuple(outcome.cell for outcome in outcomes)
    plan = CampaignPlan(campaign_id=f"{name}__{day}", name=name, title="Made", began_at=began, cells=cells)
    end = CampaignEnd(scored_at=began + timedelta(hours=1), outcomes=outcomes, stages=STAGES)
    return CampaignRecord(plan=plan, end=end if scored else None)
