"""A campaign: a YAML file in `include/campaigns/` that says which experiments are run, where they strike, how often."""

from collections.abc import Callable
from pathlib import Path

from pydantic import Field, JsonValue

from include.chaos.campaigns.campaign_checks import complain
from include.chaos.documents import locate, parse_document, read_text
from include.chaos.experiment import Experiment, load_experiment
from include.chaos.model import Model, StrikePoint
from include.chaos.pipeline import Pipeline, load_pipeline
from include.errors import ConfigurationError
from include.settings import REPO_ROOT

CAMPAIGNS = REPO_ROOT / "include" / "campaigns"

LoadExperiment = Callable[[str], Experiment]
LoadPipeline = Callable[[str], Pipeline]


class Entry(Model):
    """One experiment of a campaign: its file's own strike points, or others for one of its strikes."""

    experiment: str = Field(description="an experiment's id: its file's name without `.yaml`")
    strike: str | None = Field(
        default=None, description="whose strike points `strike_points` are; needed where the experiment has several"
    )
    strike_points: tuple[StrikePoint, ...] = Field(
        default=(), description="the experiment is run once for each of them; none for the file's own"
    )
    repeats: int = Field(default=1, ge=1, le=100, description="how often each cell's experiment is run")


class Campaign(Model):
    """The matrix of experiments, strike points and repeats."""

    title: str = Field(min_length=1)
    description: str = ""
    experiments: tuple[Entry, ...] = Field(min_length=1)
    pipeline_conf: dict[str, dict[str, JsonValue]] = Field(
        default_factory=dict, description="by pipeline, parameters of each of its runs in this campaign"
    )


def campaign_files() -> list[Path]:
    """List the shipped campaign files, in order."""
    return sorted(CAMPAIGNS.glob("*.yaml"))


def load_campaign(name: str) -> Campaign:
    """Read the shipped campaign of that name; raise `ConfigurationError` naming those there are."""
    files = {path.stem: path for path in campaign_files()}
    if path := files.get(name):
        return read_campaign(path)
    raise ConfigurationError(f"campaign: no {name!r} in {CAMPAIGNS}; there are: {', '.join(files) or 'none'}")


def read_campaign(path: Path) -> Campaign:
    """Read a campaign from a file; raise `ConfigurationError` with a line for each thing that is wrong."""
    text = read_text(path)
    campaign = parse_document(text, Campaign, source=str(path))
    complaints = complain(campaign, load_experiment, load_pipeline)
    if wrong := [f"{path}:{locate(text, steps)}: {said}" for steps, said in complaints]:
        raise ConfigurationError("\n".join(wrong))
    return campaign


def require_sound(campaign: Campaign) -> None:
    """Raise `ConfigurationError` when a campaign that is in no file has anything wrong."""
    if wrong := [said for _, said in complain(campaign, load_experiment, load_pipeline)]:
        raise ConfigurationError("; ".join(wrong))
