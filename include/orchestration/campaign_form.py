"""The trigger form of the campaign's DAG: a shipped campaign, a matrix of one's own, or a campaign to go on with."""

import re
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from include.chaos.campaigns.campaign import Campaign, Entry, campaign_files, load_campaign, require_sound
from include.chaos.experiment import experiment_files, experiment_id_of
from include.chaos.model import StagePoint, StrikePoint
from include.errors import ConfigurationError

CAMPAIGN = "campaign"
EXPERIMENTS = "experiments"
STRIKE_POINTS = "strike_points"
REPEATS = "repeats"
PIPELINE_CONF = "pipeline_conf"
RESUME = "resume"

BY_FORM = "by_form"
"""The name of campaigns that are in no file; each is compared with the last one of that name."""

_POINT = r"^[a-z][a-z0-9_]*@[a-z0-9_.%]+$"


def build_campaign_params() -> dict[str, Param]:
    """Ask what to run; defaults are an empty form, which is refused with what it could say."""
    optional: dict[str, Any] = {"type": "array", "uniqueItems": True}
    return {
        CAMPAIGN: Param(
            "",
            type="string",
            enum=["", *(path.stem for path in campaign_files())],
            title="Campaign",
            description="A file of include/campaigns/. Leave it empty to fill in a matrix below.",
        ),
        EXPERIMENTS: Param(
            [],
            items={"type": "string", "enum": [experiment_id_of(path) for path in experiment_files()]},
            title="or these experiments",
            description="Each is run at each strike point, as often as it is repeated.",
            **optional,
        ),
        STRIKE_POINTS: Param(
            [],
            items={"type": "string", "pattern": _POINT},
            examples=["extract_instruments@start", "extract_instruments@50%", "publish@relations_shown"],
            title="at these strike points",
            description="`stage@moment`, one a line: `start`, `end`, a share of rows such as `50%`, or a failpoint. "
            "None for the strike points of the experiments' files.",
            **optional,
        ),
        REPEATS: Param(1, type="integer", minimum=1, maximum=100, title="so many times"),
        PIPELINE_CONF: Param(
            {},
            type="object",
            title="Parameters of the pipelines' runs",
            description='By pipeline, as in `{"scale": {"prefix": "a/"}}`; they go before those of the file.',
        ),
        RESUME: Param(
            "",
            type="string",
            pattern=r"^[A-Za-z0-9_.:+-]*$",
            title="or go on with",
            description="A campaign's id: it goes on as it was begun, and nothing that has a verdict is run again.",
        ),
    }


def read_campaign_form(answers: Mapping[str, Any]) -> tuple[str, Campaign]:
    """Give the campaign that a form asks for, with its name; raise `ConfigurationError` for what it cannot ask."""
    named, experiments = answers.get(CAMPAIGN, ""), answers.get(EXPERIMENTS, [])
    if bool(named) == bool(experiments):
        raise ConfigurationError(
            f"expected either `{CAMPAIGN}` or some `{EXPERIMENTS}`, got {'both' if named else 'neither'}"
        )
    if named and (answers.get(STRIKE_POINTS) or answers.get(REPEATS, 1) != 1):
        raise ConfigurationError(
            f"the strike points and repeats of {named} are in its file; expected no `{STRIKE_POINTS}`, `{REPEATS}: 1`"
        )
    campaign = load_campaign(named) if named else _by_form(experiments, answers)
    return named or BY_FORM, _with_conf(campaign, answers.get(PIPELINE_CONF) or {})


def read_point(text: str) -> StrikePoint:
    """Read `stage@moment`; raise `ConfigurationError` for anything else."""
    if not re.fullmatch(_POINT, text):
        raise ConfigurationError(f"strike point {text!r}: expected `stage@moment`, such as extract_instruments@50%")
    stage, _, moment = text.partition("@")
    field = "staged_rows" if moment.endswith("%") else "at" if moment in set(StagePoint) else "failpoint"
    try:
        return StrikePoint.model_validate({"stage": stage, field: moment})
    except ValueError as error:
        raise ConfigurationError(f"strike point {text!r}: no such moment: {error}") from error


def _by_form(experiments: list[str], answers: Mapping[str, Any]) -> Campaign:
    points = tuple(map(read_point, answers.get(STRIKE_POINTS, [])))
    repeats = answers.get(REPEATS, 1)
    campaign = Campaign(
        title="A matrix from the trigger form",
        experiments=tuple(Entry(experiment=name, strike_points=points, repeats=repeats) for name in experiments),
    )
    require_sound(campaign)
    return campaign


def _with_conf(campaign: Campaign, asked: Mapping[str, Mapping[str, Any]]) -> Campaign:
    """Give the campaign with what the form says of its pipelines' runs; that goes before what its file says."""
    names = campaign.pipeline_conf.keys() | asked.keys()
    merged = {name: {**campaign.pipeline_conf.get(name, {}), **asked.get(name, {})} for name in sorted(names)}
    changed = Campaign.model_validate({**campaign.model_dump(), "pipeline_conf": merged})
    require_sound(changed)
    return changed
