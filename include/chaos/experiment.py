"""An experiment: a YAML file in `include/experiments/` that claims what the pipeline survives."""

from datetime import timedelta
from pathlib import Path
from typing import Self

import yaml
from pydantic import Field, model_validator

from include.chaos.documents import read_document
from include.chaos.faults.catalogue import Fault
from include.chaos.model import CONTROL_PLANE, BlastRadius, Duration, Model, StrikePoint, Target
from include.chaos.probes.catalogue import Probe
from include.errors import ConfigurationError
from include.settings import REPO_ROOT

EXPERIMENTS = REPO_ROOT / "include" / "experiments"


class SteadyState(Model):
    """What "healthy" means, in figures; steady is when every probe holds for `settle_for` without a break."""

    probes: tuple[Probe, ...] = Field(min_length=1)
    settle_for: Duration = timedelta(seconds=3)


class Hypothesis(Model):
    """The claim."""

    title: str
    steady_state: SteadyState


class Strike(Model):
    """One fault, where, when and for how long."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    fault: Fault
    target: Target
    strike_point: StrikePoint
    hold_for: Duration = timedelta(0)


class Experiment(Model):
    """A planned run with a claim."""

    title: str
    description: str
    tags: tuple[str, ...] = ()
    pipeline: str = Field(description="the name of a landing contract in include/pipelines/")
    hypothesis: Hypothesis
    strikes: tuple[Strike, ...] = Field(min_length=1, max_length=1)
    blast_radius: BlastRadius

    @model_validator(mode="after")
    def _stays_within_blast_radius(self) -> Self:
        for strike in self.strikes:
            if strike.target.component not in self.blast_radius.allowed_targets:
                raise ValueError(
                    f"strike {strike.name} targets {strike.target.component}, which blast_radius.allowed_targets lacks"
                )
            if strike.hold_for > self.blast_radius.max_duration:
                raise ValueError(f"strike {strike.name} holds longer than blast_radius.max_duration")
        if forbidden := self.blast_radius.allowed_targets & CONTROL_PLANE:
            raise ValueError(
                f"blast_radius.allowed_targets: {', '.join(forbidden)} conducts experiments; never a target"
            )
        return self

    def strike(self, name: str) -> Strike:
        """Find a strike; raise `ConfigurationError` when there is none of that name."""
        for strike in self.strikes:
            if strike.name == name:
                return strike
        raise ConfigurationError(f"strikes: no {name!r}; there are: {', '.join(s.name for s in self.strikes)}")

    def to_yaml(self) -> str:
        """Write the experiment as the YAML that reads back equal."""
        return yaml.safe_dump(self.model_dump(mode="json", exclude_none=True), sort_keys=False, allow_unicode=True)


def experiment_id_of(path: Path) -> str:
    """Derive the id from the file's name: `warehouse-killed.yaml` is `warehouse_killed`."""
    return path.stem.replace("-", "_")


def experiment_files() -> list[Path]:
    """List the shipped experiment files, in order."""
    return sorted(EXPERIMENTS.rglob("*.yaml"))


def load_experiment(experiment_id: str) -> Experiment:
    """Read the shipped experiment of that id; raise `ConfigurationError` naming those there are."""
    files = {experiment_id_of(path): path for path in experiment_files()}
    if path := files.get(experiment_id.replace("-", "_")):
        return read_document(path, Experiment)
    raise ConfigurationError(f"experiment: no {experiment_id!r}; there are: {', '.join(files)}")
