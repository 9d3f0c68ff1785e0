"""What the tasks of a campaign's DAG do: plan it, or find the plan again; see what has a verdict; score it.

Every function may run twice: plans are kept where they are first begun, runs have names that are derived, and a score
is computed from what the agent has kept.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from include.chaos.agent.client import AgentUnreachableError
from include.chaos.campaigns.matrix import CampaignPlan, Cell, campaign_id, cell_dag_run_id, cell_run_id
from include.chaos.campaigns.outcomes import CampaignEnd, CellOutcome, reached_verdict, read_outcome
from include.chaos.campaigns.planning import plan_campaign
from include.chaos.campaigns.scorecard import Scorecard, build_scorecard
from include.chaos.experiment import load_experiment
from include.chaos.journal import JournalEntry, parse_journal
from include.chaos.pipeline import load_pipeline
from include.errors import AgentError, ConfigurationError
from include.orchestration.agent_access import connect_agent, patient
from include.orchestration.campaign_form import RESUME, read_campaign_form
from include.orchestration.trigger_form import PIPELINE_CONF, write_answers

logger = logging.getLogger(__name__)


def plan(dag_run_id: str, answers: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Give the campaign's id and what `conduct_cell` is mapped over; a form that is wrong fails the task."""
    try:
        begun = _resumed(answers[RESUME]) if answers.get(RESUME) else _begin(dag_run_id, answers)
        cells = [_asked(begun, cell) for cell in begun.cells]
    except ConfigurationError as error:
        raise AirflowFailException(f"the form was refused, nothing was run: {error}") from error
    logger.info("campaign %s: %d cells", begun.campaign_id, len(cells))
    return begun.campaign_id, cells


def has_verdict(experiment_run_id: str) -> bool:
    """Tell whether a run has come to its verdict: then it is not run again."""
    entries = _journal(experiment_run_id)
    return entries is not None and reached_verdict(entries) is not None


def score(campaign: str) -> Scorecard:
    """Read every cell's verdict, have the result kept, and hold it against the last campaign of the name."""
    plan = _record_plan(campaign)
    end = CampaignEnd(
        scored_at=datetime.now(UTC),
        outcomes=tuple(_outcome(plan, cell) for cell in plan.cells),
        stages={name: _stages(name) for name in sorted({cell.pipeline for cell in plan.cells})},
    )
    return _keep(campaign, end)


def tell(card: Scorecard) -> None:
    """Log a scorecard as Markdown; fail the task with what CI would be told, unless every cell has passed."""
    from include.chaos.rendering.markdown import render_scorecard_as_markdown

    logger.info("%s", render_scorecard_as_markdown(card))
    if card.exit_code:
        raise AirflowFailException(f"{card.meaning} {card.score_said}. {card.apart_said}")


def _begin(dag_run_id: str, answers: Mapping[str, Any]) -> CampaignPlan:
    """Plan a campaign; one that this DAG run has begun before stays what it was."""
    name, campaign = read_campaign_form(answers)
    planned = plan_campaign(
        campaign,
        campaign_id=campaign_id(name, dag_run_id),
        name=name,
        began_at=datetime.now(UTC),
        load_experiment=load_experiment,
    )
    return _keep_plan(planned)


def _asked(plan: CampaignPlan, cell: Cell) -> dict[str, Any]:
    """Give what one mapped task is told: whose run it is, its id, and the answers to the experiment's own form."""
    conf: dict[str, Any] = {PIPELINE_CONF: cell.pipeline_conf}
    if cell.point:
        experiment = load_experiment(cell.experiment_id)
        strike = experiment.strike(cell.strike) if cell.strike else experiment.strikes[0]
        conf |= write_answers(strike, cell.point)
    return {
        "experiment_id": cell.experiment_id,
        "trigger_run_id": cell_dag_run_id(plan.campaign_id, cell),
        "conf": conf,
        "case": f"{cell.case}, {cell.repeat}",
    }


def _outcome(plan: CampaignPlan, cell: Cell) -> CellOutcome:
    run_id = cell_run_id(plan.campaign_id, cell)
    return read_outcome(cell, run_id, _journal(run_id))


def _stages(pipeline: str) -> tuple[str, ...]:
    return tuple(stage.task_id for stage in load_pipeline(pipeline).stages)


@patient
def _journal(experiment_run_id: str) -> tuple[JournalEntry, ...] | None:
    """Read a run's journal from the agent; None where it was never opened."""
    try:
        text = connect_agent().journal(experiment_run_id)
    except AgentUnreachableError:
        raise
    except AgentError:  # it refuses what it never had
        return None
    return parse_journal(text, source=experiment_run_id).entries


@patient
def _resumed(campaign: str) -> CampaignPlan:
    try:
        return connect_agent().campaign(campaign).plan
    except AgentUnreachableError:
        raise
    except AgentError as error:
        raise ConfigurationError(f"{RESUME}: {error}; `chaos-control campaign list` names those there are") from error


@patient
def _keep_plan(planned: CampaignPlan) -> CampaignPlan:
    return connect_agent().begin_campaign(planned)


@patient
def _record_plan(campaign: str) -> CampaignPlan:
    return connect_agent().campaign(campaign).plan


@patient
def _keep(campaign: str, end: CampaignEnd) -> Scorecard:
    agent = connect_agent()
    agent.end_campaign(campaign, end)
    return build_scorecard(agent.campaign(campaign), agent.campaigns())
