"""An experiment: a YAML file in `include/experiments/` that claims what the pipeline survives."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

import yaml
from pydantic import Field, model_validator

from include.chaos.documents import read_document
from include.chaos.faults.catalogue import Fault
from include.chaos.model import (
    CONTROL_PLANE,
    AbortCondition,
    BlastRadius,
    Component,
    Duration,
    Guardrails,
    Model,
    StrikePoint,
    Target,
    VerdictValue,
)
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

    @model_validator(mode="after")
    def _fits_its_target(self) -> Self:
        if said := self.fault.objection(self.target, self.hold_for):
            raise ValueError(f"{self.fault.kind}: {said}")
        if self.target.component is Component.PIPELINE and self.strike_point.failpoint is None:
            raise ValueError(
                "`component: pipeline` is the process that waits at a failpoint: "
                "expected `strike_point: {failpoint: ...}`"
            )
        return self


class Owner(Model):
    """Who answers for an experiment."""

    name: str = Field(min_length=1)
    link: str | None = Field(
        default=None, pattern=r"^(https?://|mailto:)[^\s]+$", description="where they are reached: an address or a page"
    )


class Approval(StrEnum):
    """Who must have agreed before anything is struck."""

    REQUIRED = "required"


class Experiment(Model):
    """A planned run with a claim."""

    title: str
    description: str
    tags: tuple[str, ...] = ()
    owner: Owner | None = Field(default=None, description="whom Airflow shows as the owner of the experiment's DAG")
    pipeline: str = Field(description="the name of a landing contract in include/pipelines/")
    hypothesis: Hypothesis
    strikes: tuple[Strike, ...] = Field(min_length=1)
    abort_when: tuple[AbortCondition, ...] = ()
    blast_radius: BlastRadius
    guardrails: Guardrails = Guardrails()
    approval: Approval | None = Field(
        default=None, description="`required`: each run in Airflow waits for a person, who is shown what will be struck"
    )
    approve_within: Duration | None = Field(
        default=None, description="after this nobody is waited for any more, and nothing is struck; an hour if not said"
    )
    seed: str | None = Field(default=None, description="fixes which instances are selected; else it differs by run")
    expected_verdict: VerdictValue | None = Field(
        default=None, description="what a pipeline known to be bad must get; shown beside the verdict, never decides it"
    )

    repeat: int = Field(
        default=1,
        ge=1,
        description="how many experiment runs make one statement, since one run of a chance event says little; "
        "`chaos-control experiment run` conducts that many, one triggering of the DAG in Airflow conducts one",
    )

    @model_validator(mode="after")
    def _names_each_strike_once(self) -> Self:
        names = [strike.name for strike in self.strikes]
        if doubles := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"strikes: {', '.join(sorted(doubles))} is there more than once; names tell strikes apart")
        return self

    @model_validator(mode="after")
    def _waits_only_for_an_approval(self) -> Self:
        if self.approve_within is not None and self.approval is None:
            raise ValueError("approve_within: needs `approval: required`")
        if self.approve_within is not None and self.approve_within <= timedelta(0):
            raise ValueError("approve_within: expected some time, such as 30m")
        return self

    @model_validator(mode="after")
    def _aborts_on_probes_that_look_often_enough(self) -> Self:
        clocks = {probe.name: probe.every for probe in self.hypothesis.steady_state.probes}
        for condition in self.abort_when:
            if condition.probe is None or condition.out_of_tolerance_for is None:
                continue
            if condition.probe not in clocks:
                raise ValueError(f"abort_when: no probe {condition.probe!r}; there are: {', '.join(clocks)}")
            if condition.out_of_tolerance_for < 2 * clocks[condition.probe]:
                raise ValueError(
                    f"abort_when: {condition.probe} looks every {clocks[condition.probe].total_seconds():g} s, so "
                    "out_of_tolerance_for must be at least twice that"
                )
        return self

    @model_validator(mode="after")
    def _stays_within_blast_radius(self) -> Self:
        for strike in self.strikes:
            if strike.target.component not in self.blast_radius.allowed_targets:
                raise ValueError(
                    f"strike {strike.name} targets {strike.target.component}, which blast_radius.allowed_targets lacks"
                )
            if strike.hold_for > self.blast_radius.max_duration:
                raise ValueError(f"strike {strike.name} holds longer than blast_radius.max_duration")
        forbidden = self.blast_radius.allowed_targets & CONTROL_PLANE
        if forbidden and not self.guardrails.allow_control_plane:
            raise ValueError(
                f"blast_radius.allowed_targets: {', '.join(sorted(forbidden))} conducts experiments, and is a target "
                "only with `guardrails: {allow_control_plane: true}`"
            )
        return self

    @model_validator(mode="after")
    def _spares_the_control_plane(self) -> Self:
        for strike in self.strikes:
            if strike.target.reaches_control_plane and not self.guardrails.allow_control_plane:
                raise ValueError(
                    f"strike {strike.name} reaches what conducts experiments, which is a target only with "
                    "`guardrails: {allow_control_plane: true}`"
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
